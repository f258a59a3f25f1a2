/* First steps, ticked from the state of the store; skippable, and gone when all are done. */
import { CloseButton } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { Link } from 'react-router';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import type { Step } from '../api/home';
import { STEP_LINKS } from '../model/greeting';

export function FirstSteps({ steps }: { steps: Step[] }) {
  const { t } = useText();
  const [skipped, setSkipped] = useLocalStorage<string[]>({ key: 'kith-steps-skipped', defaultValue: [], getInitialValueInEffect: false });
  const shown = steps.filter((step) => isKey(`step.${step.name}`) && !skipped.includes(step.name));
  if (shown.length === 0 || shown.every((step) => step.done)) return null;
  return (
    <section className="card" aria-labelledby="first-steps">
      <div className="row sp">
        <h2 id="first-steps">{t('steps.title')}</h2>
        <span className="small">{t('steps.done', { done: shown.filter((step) => step.done).length, all: shown.length })}</span>
      </div>
      <ol className="bare steps">
        {shown.map((step) => {
          const key = `step.${step.name}`;
          const words = isKey(key) ? t(key) : step.name;
          return (
            <li key={step.name} className={step.done ? 'done' : ''}>
              {step.done ? <IconCircleCheckFilled size={20} aria-label={t('steps.is_done')} /> : <IconCircle size={20} aria-hidden />}
              {step.done ? <span className="grow">{words}</span> : <Link className="grow" to={STEP_LINKS[step.name] ?? '/'}>{words}</Link>}
              {step.done ? null : (
                <CloseButton size="sm" aria-label={t('steps.skip', { step: words })} title={t('steps.skip', { step: words })}
                  onClick={() => setSkipped([...skipped, step.name])} />
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
