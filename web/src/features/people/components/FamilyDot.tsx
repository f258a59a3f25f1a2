import { IconCoins, IconHeadset, IconMail, IconNote, IconPointFilled, IconWorld } from '@tabler/icons-react';
import { useText } from '@lib/text';
import type { Family } from '../api/types';
import { FAMILY_KEYS } from '../model/happening';

const ICONS = { order: IconCoins, visit: IconWorld, mail: IconMail, service: IconHeadset, other: IconPointFilled };

/** Icon and colour of one of the five families; never colour alone. */
export function FamilyDot({ family, planned }: { family: Family; planned?: boolean }) {
  const { t } = useText();
  const Icon = ICONS[family];
  return (
    <span className={`dot dot-${family}${planned ? ' planned' : ''}`} title={t(FAMILY_KEYS[family])}>
      <Icon size={14} aria-hidden /><span className="sr">{t(FAMILY_KEYS[family])}</span>
    </span>
  );
}

export const NoteDot = () => <span className="dot dot-note"><IconNote size={14} aria-hidden /></span>;
