/* Who came and who went since yesterday, or within a longer time. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Await, Bones } from '@ui/states';
import { useFlow } from '../api/looks';
import type { GroupFace } from '../api/groups';
import { Faces } from './builder/Live';

const SINCE = ['1', '7', '30'] as const;

function Side({ title, faces, n }: { title: string; faces: GroupFace[]; n: number }) {
  return <div className="stack tight"><p className="semi">{title}</p>{faces.length > 0 ? <Faces faces={faces} more={n - faces.length} /> : null}</div>;
}

export function Flow({ rule }: { rule: string }) {
  const { t } = useText();
  const [days, setDays] = useState<string>('1');
  const flow = useFlow(rule, Number(days));
  return (
    <section className="card stack tight">
      <div className="row sp"><h2>{t('flow.title')}</h2><SegmentedControl aria-label={t('flow.since')} size="xs" value={days} onChange={setDays} data={SINCE.map((value) => ({ value, label: t(`flow.days_${value}`) }))} /></div>
      <Await query={flow} bones={<Bones lines={2} height={28} />}>
        {(data) => (
          <>
            <p className="why">{t(data.before === 0 ? 'flow.say_none' : 'flow.say', { before: data.before, n: data.count })}</p>
            <div className="grid g11"><Side title={t('flow.came', { n: data.entered })} faces={data.entered_sample} n={data.entered} /><Side title={t('flow.went', { n: data.left })} faces={data.left_sample} n={data.left} /></div>
          </>
        )}
      </Await>
    </section>
  );
}
