/* Settings: one short list at the left (a row on a phone), one subject at a time. */
import type { ComponentType } from 'react';
import { NavLink, useParams } from 'react-router';
import type { Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { AttentionTab } from '../components/AttentionTab';
import { AuditTab } from '../components/AuditTab';
import { BusinessTab } from '../components/BusinessTab';
import { ConnectionTab } from '../components/ConnectionTab';
import { DiskTab } from '../components/DiskTab';
import { InboxTab } from '../components/InboxTab';
import { KeysTab } from '../components/KeysTab';
import { MailboxTab } from '../components/MailboxTab';
import { MailingsTab } from '../components/MailingsTab';
import { RetentionTab } from '../components/RetentionTab';
import { SendingTab } from '../components/SendingTab';
import { UsersTab } from '../components/UsersTab';
import './settings.css';

const TABS: { name: string; label: Key; Tab: ComponentType }[] = [
  { name: 'business', label: 'settings.business', Tab: BusinessTab },
  { name: 'sending', label: 'settings.sending', Tab: SendingTab },
  { name: 'mailings', label: 'nav.mailings', Tab: MailingsTab },
  { name: 'mailbox', label: 'settings.mailbox', Tab: MailboxTab },
  { name: 'connection', label: 'settings.connection', Tab: ConnectionTab },
  { name: 'inbox', label: 'settings.inbox', Tab: InboxTab },
  { name: 'keys', label: 'settings.keys', Tab: KeysTab },
  { name: 'users', label: 'settings.users', Tab: UsersTab },
  { name: 'retention', label: 'settings.retention', Tab: RetentionTab },
  { name: 'disk', label: 'settings.disk', Tab: DiskTab },
  { name: 'attention', label: 'settings.attention', Tab: AttentionTab },
  { name: 'audit', label: 'settings.audit', Tab: AuditTab },
];

export function SettingsPage() {
  const { t } = useText();
  const { tab } = useParams();
  const chosen = TABS.find(({ name }) => name === tab) ?? TABS[0];
  if (!chosen) return null;
  const { Tab } = chosen;
  return (
    <Page title={t('nav.settings')} tab={t(chosen.label)}>
      <div className="settings">
        <nav className="settings-nav" aria-label={t('nav.settings')}>
          {TABS.map(({ name, label }) => (
            <NavLink key={name} to={`/settings/${name}`} className={name === chosen.name ? 'on' : ''}>{t(label)}</NavLink>
          ))}
        </nav>
        <div className="settings-body"><Tab key={chosen.name} /></div>
      </div>
    </Page>
  );
}
