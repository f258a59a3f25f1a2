/* One more sentence, of the kind that is chosen. */
import { Button, Menu } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { condition, group, type Part } from '../../model/form';
import { blank, type Form } from '../../model/kinds';

type Kind = Exclude<Form['kind'], 'text' | 'everybody'>;

const MENU: { title: Key; kinds: readonly (readonly [Kind, Key])[] }[] = [
  { title: 'b.add_doing', kinds: [['did', 'b.add_did'], ['amount', 'b.add_amount'], ['moment', 'b.add_moment'], ['gap', 'b.add_gap'], ['ratio', 'b.add_ratio'], ['silent', 'b.add_silent']] },
  { title: 'b.add_being', kinds: [['trait', 'b.add_trait'], ['lifecycle', 'b.add_stage'], ['tag', 'b.add_tag'], ['birthday', 'b.add_birthday'], ['anniversary', 'b.add_anniversary'], ['yearly', 'b.add_yearly']] },
  { title: 'b.add_writing', kinds: [['consent', 'b.add_consent'], ['bounced', 'b.add_bounced']] },
  { title: 'b.add_more', kinds: [['segment', 'b.add_segment'], ['top', 'b.add_top'], ['topof', 'b.add_topof'], ['random', 'b.add_random']] },
];

export function AddMenu({ nest, first, onAdd }: { nest: boolean; first: boolean; onAdd: (part: Part) => void }) {
  const { t } = useText();
  return (
    <Menu position="bottom-start" width={340} styles={{ dropdown: { maxHeight: 'min(70vh, 620px)', overflowY: 'auto' } }}>
      <Menu.Target><Button leftSection={<IconPlus size={16} aria-hidden />} variant={first ? 'filled' : 'default'}>{t('b.add')}</Button></Menu.Target>
      <Menu.Dropdown>
        {MENU.map(({ title, kinds }) => (
          <div key={title} role="group" aria-label={t(title)}>
            <Menu.Label>{t(title)}</Menu.Label>
            {kinds.map(([kind, name]) => (
              <Menu.Item key={kind} onClick={() => onAdd(condition(blank(kind)))}>
                <span className="b-add">{t(name)}<span className="small">{t(`b.hint_${kind}`)}</span></span>
              </Menu.Item>
            ))}
          </div>
        ))}
        {nest ? <Menu.Item onClick={() => onAdd(group([], 'or'))}>{t('b.add_list')}</Menu.Item> : null}
      </Menu.Dropdown>
    </Menu>
  );
}
