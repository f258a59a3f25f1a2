/* Every other sentence: one line of words and menus each. */
import { useText } from '@lib/text';
import { isKey } from '@lib/i18n';
import { AMOUNTS, type Form } from '../../model/kinds';
import { didLabel } from '../../model/labels';
import { another, NthPick, WhereLines } from './Lines';
import { Drop, EventChoose } from './Happened';
import { MeasureEdit } from './Measures';
import { useKnown } from './names';
import { Amount, Pick, Words } from './Pick';
import { Compared, FieldChoose, TestEdit } from './TestEdit';
import { When } from './When';

type Of<K extends Form['kind']> = Extract<Form, { kind: K }>;
interface Props<K extends Form['kind']> {
  form: Of<K>;
  onChange: (form: Form) => void;
}

const CHANNELS = ['email', 'sms', 'phone', 'whatsapp', 'post', 'push'] as const;

function AmountEdit({ form, onChange }: Props<'amount'>) {
  const { t } = useText();
  const { amount, what, path } = form;
  const choose = (event: string) => onChange({ ...form, what: another(what, event), path: event === 'Order Completed' ? ['revenue'] : event === what.event ? path : [] });
  return (
    <>
      <div className="b-line">
        <Pick label={t('b.amount')} value={amount} options={AMOUNTS.map((one) => ({ value: one, label: t(`amount.${one}`) }))} onChange={(next) => onChange({ ...form, amount: next })} />
        {amount === 'count' ? null : <>{t('b.amount_of')} <FieldChoose event={what.event} path={path} {...(amount === 'distinct' ? {} : { types: ['number'] as const })} onChange={(next) => onChange({ ...form, path: next })} /></>}
        {t('b.amount_each')} <EventChoose event={what.event} onChange={choose} />
        <When window={form.window} times="past" always onChange={(window) => onChange({ ...form, window })} />
        <Compared event={null} test={form.test} type="number" onChange={(test) => onChange({ ...form, test })} />
      </div>
      <WhereLines what={what} onChange={(next) => onChange({ ...form, what: next })} />
    </>
  );
}

function MomentEdit({ form, onChange }: Props<'moment'>) {
  const { t } = useText();
  return (
    <>
      <div className="b-line">
        <span>{t('b.has')}</span>
        <NthPick nth={form.nth} onChange={(nth) => onChange({ ...form, nth })} />
        <EventChoose event={form.what.event} onChange={(event) => onChange({ ...form, what: another(form.what, event) })} />
        <When window={form.window} times="past" always={false} onChange={(window) => onChange({ ...form, window })} />
      </div>
      <WhereLines what={form.what} onChange={(what) => onChange({ ...form, what })} />
    </>
  );
}

function AnniversaryEdit({ form, onChange }: Props<'anniversary'>) {
  const { t } = useText();
  return (
    <div className="b-line">
      <span>{t('b.anniversary')}</span>
      <NthPick nth={form.nth} onChange={(nth) => onChange({ ...form, nth })} />
      <EventChoose event={form.what.event} onChange={(event) => onChange({ ...form, what: another(form.what, event) })} />
      <span>{t('b.comes_round')}</span>
      <When window={form.window} times="coming" always={false} onChange={(window) => onChange({ ...form, window })} />
    </div>
  );
}

function SilentEdit({ form, onChange }: Props<'silent'>) {
  const { t } = useText();
  const { what } = form;
  return (
    <div className="b-line">
      <span>{t('b.silent')}</span>
      <Amount label={t('b.silent_number')} value={form.times} onChange={(times) => onChange({ ...form, times })} />
      <span>{t(what ? 'b.silent_of' : 'b.silent_times')}</span>
      {what ? <><EventChoose event={what.event} onChange={(event) => onChange({ ...form, what: another(what, event) })} /><Drop label={didLabel(t, what.event)} onClick={() => onChange({ ...form, what: null })} /></> : null}
    </div>
  );
}

function TopEdit({ form, onChange }: Props<'top'>) {
  const { t } = useText();
  return (
    <div className="b-line">
      <span>{t('b.top')}</span>
      <Amount label={t('b.top_number')} value={form.number} onChange={(number) => onChange({ ...form, number })} />
      <Pick label={t('b.top_percent')} value={form.percent ? 'percent' : 'people_word'} options={[{ value: 'percent', label: t('b.percent') }, { value: 'people_word', label: t('b.people_word') }]} onChange={(said) => onChange({ ...form, percent: said === 'percent' })} />
      <span>{t('b.by')}</span>
      <FieldChoose event={null} path={form.path} types={['number']} onChange={(path) => onChange({ ...form, path })} />
    </div>
  );
}

function ChannelEdit({ form, onChange }: Props<'consent' | 'bounced'>) {
  const { t } = useText();
  const channels = form.kind === 'bounced' ? (['email'] as const) : CHANNELS;
  const name = (channel: string) => { const key = `by.${channel}`; return isKey(key) ? t(key) : channel; };
  const options = [...new Set<string>([...channels, form.channel])].map((channel) => ({ value: channel, label: name(channel) }));
  return (
    <div className="b-line">
      <span>{t(form.kind === 'bounced' ? 'b.bounced' : 'b.consent')}</span>
      <Pick label={t('b.channel')} value={form.channel} options={options} onChange={(channel) => onChange({ ...form, channel })} />
      {form.kind === 'consent' ? <><span>{t('b.consent_about')}</span><Words label={t('b.consent_topic')} value={form.topic ?? 'newsletter'} data={['newsletter']} onChange={(topic) => onChange({ ...form, topic })} /></> : null}
    </div>
  );
}

function TagEdit({ form, onChange }: Props<'tag'>) {
  const { t } = useText();
  return <div className="b-line"><span>{t('b.tag')}</span><Words label={t('b.tag_label')} value={form.tag} data={useKnown().tags} onChange={(tag) => onChange({ kind: 'tag', tag })} /></div>;
}

function SegmentEdit({ form, onChange }: Props<'segment'>) {
  const { t } = useText();
  return <div className="b-line"><span>{t('b.segment')}</span><Words label={t('b.segment_label')} value={form.name} data={useKnown().groups} onChange={(name) => onChange({ kind: 'segment', name })} /></div>;
}

function RandomEdit({ form, onChange }: Props<'random'>) {
  const { t } = useText();
  return (
    <div className="b-line">
      <span>{t('b.random')}</span>
      <Amount label={t('b.random_share')} value={form.percent} onChange={(percent) => onChange({ ...form, percent })} />
      <span>{t('b.random_by')}</span>
      <Words label={t('b.random_seed')} value={form.seed} data={[]} onChange={(seed) => onChange({ ...form, seed })} />
    </div>
  );
}

export function Sentence({ form, onChange }: { form: Exclude<Form, { kind: 'did' | 'text' }>; onChange: (form: Form) => void }) {
  const { t } = useText();
  switch (form.kind) {
    case 'trait': return <div className="b-line"><TestEdit event={null} test={form.test} onChange={(test) => onChange({ kind: 'trait', test })} /></div>;
    case 'amount': return <AmountEdit form={form} onChange={onChange} />;
    case 'moment': return <MomentEdit form={form} onChange={onChange} />;
    case 'birthday': return <div className="b-line"><span>{t('b.birthday')}</span><When window={form.window} times="coming" always={false} onChange={(window) => onChange({ kind: 'birthday', window })} /></div>;
    case 'anniversary': return <AnniversaryEdit form={form} onChange={onChange} />;
    case 'silent': return <SilentEdit form={form} onChange={onChange} />;
    case 'top': return <TopEdit form={form} onChange={onChange} />;
    case 'consent': case 'bounced': return <ChannelEdit form={form} onChange={onChange} />;
    case 'tag': return <TagEdit form={form} onChange={onChange} />;
    case 'segment': return <SegmentEdit form={form} onChange={onChange} />;
    case 'random': return <RandomEdit form={form} onChange={onChange} />;
    case 'lifecycle': case 'gap': case 'ratio': case 'topof': case 'yearly': return <MeasureEdit form={form} onChange={onChange} />;
    case 'everybody': return <div className="b-line"><span>{t('b.everybody')}</span></div>;
  }
}
