/* Where to begin: with one's own orders, with people typed in, or by looking around in a made-up shop. */
import { Button } from '@mantine/core';
import { IconCoffee, IconDoor, IconTableImport } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { CopyField } from '@ui/CopyField';
import './begin.css';

function Choice({ icon, title, say, children }: { icon: ReactNode; title: string; say: string; children: ReactNode }) {
  return (
    <section className="card choice">
      {icon}
      <div className="grow"><h2>{title}</h2><p className="why">{say}</p><div className="mt8">{children}</div></div>
    </section>
  );
}

export function BeginChoice() {
  const { t } = useText();
  return (
    <div className="stack">
      <Choice icon={<IconTableImport size={24} aria-hidden />} title={t('begin.own')} say={t('begin.own_say')}>
        <Button component={Link} to="/import" variant="filled">{t('home.empty_act')}</Button>
      </Choice>
      <Choice icon={<IconCoffee size={24} aria-hidden />} title={t('begin.hand')} say={t('begin.hand_say')}>
        <Button component={Link} to="/people?add=1">{t('people.add')}</Button>
      </Choice>
      <Choice icon={<IconDoor size={24} aria-hidden />} title={t('begin.demo')} say={t('begin.demo_say')}>
        <CopyField label={t('begin.demo_command')} value="kith demo --data demo" />
      </Choice>
      <Link className="lnk" to="/">{t('begin.later')}</Link>
    </div>
  );
}
