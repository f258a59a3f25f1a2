/* Sentences that measure: the time between, how often of how often, ranks, stages, yearly days. */
import { useText } from '@lib/text';
import type { Form } from '../../model/kinds';
import { GAP_UNITS, GAPS, STAGES, TOP_AMOUNTS, type Measure } from '../../model/measures';
import { EventChoose } from './Happened';
import { another, WhereLines } from './Lines';
import { Amount, Pick } from './Pick';
import { Compared, FieldChoose } from './TestEdit';
import { When } from './When';

type Of<K extends Measure['kind']> = Extract<Measure, { kind: K }>;
interface Props<K extends Measure['kind']> {
  form: Of<K>;
  onChange: (form: Form) => void;
}

function StageEdit({ form, onChange }: Props<'lifecycle'>) {
  const { t } = useText();
  return <div className="b-line"><span>{t('b.stage')}</span><Pick label={t('b.stage_label')} value={form.stage} options={STAGES.map((stage) => ({ value: stage, label: t(`stage.${stage}`) }))} onChange={(stage) => onChange({ ...form, stage })} /></div>;
}

function GapEdit({ form, onChange }: Props<'gap'>) {
  const { t } = useText();
  const { what } = form;
  return (
    <>
      <div className="b-line">
        <Pick label={t('b.gap_label')} value={form.gap} options={GAPS.map((gap) => ({ value: gap, label: t(`gap.${gap}`) }))} onChange={(gap) => onChange({ ...form, gap })} />
        <span>{t('b.gap')}</span>
        <EventChoose event={what.event} onChange={(event) => onChange({ ...form, what: another(what, event) })} />
        <Compared event={null} test={form.test} type="number" onChange={(test) => onChange({ ...form, test })} />
        <Pick label={t('when.unit')} value={form.unit} options={GAP_UNITS.map((unit) => ({ value: unit, label: t(`unit.${unit}_word`) }))} onChange={(unit) => onChange({ ...form, unit })} />
        <When window={form.window} times="past" always onChange={(window) => onChange({ ...form, window })} />
      </div>
      <WhereLines what={what} onChange={(next) => onChange({ ...form, what: next })} />
    </>
  );
}

function RatioEdit({ form, onChange }: Props<'ratio'>) {
  const { t } = useText();
  const { what, to } = form;
  const units = [{ value: 'percent', label: t('b.percent') }, { value: 'times', label: t('b.ratio_times') }] as const;
  return (
    <>
      <div className="b-line">
        <span>{t('b.ratio')}</span>
        <EventChoose event={what.event} onChange={(event) => onChange({ ...form, what: another(what, event) })} />
      </div>
      <WhereLines what={what} onChange={(next) => onChange({ ...form, what: next })} />
      <div className="b-line">
        <span>{t('b.ratio_to')}</span>
        <EventChoose event={to.event} onChange={(event) => onChange({ ...form, to: another(to, event) })} />
        <When window={form.window} times="past" always onChange={(window) => onChange({ ...form, window })} />
        <Compared event={null} test={form.test} type="number" onChange={(test) => onChange({ ...form, test })} />
        <Pick label={t('b.ratio_unit')} value={form.percent ? 'percent' : 'times'} options={units} onChange={(said) => onChange({ ...form, percent: said === 'percent' })} />
      </div>
      <WhereLines what={to} onChange={(next) => onChange({ ...form, to: next })} />
    </>
  );
}

function TopOfEdit({ form, onChange }: Props<'topof'>) {
  const { t } = useText();
  const { what, amount } = form;
  const people = [{ value: 'percent', label: t('b.percent') }, { value: 'people_word', label: t('b.people_word') }] as const;
  return (
    <>
      <div className="b-line">
        <span>{t('b.top')}</span>
        <Amount label={t('b.top_number')} value={form.number} onChange={(number) => onChange({ ...form, number })} />
        <Pick label={t('b.top_percent')} value={form.percent ? 'percent' : 'people_word'} options={people} onChange={(said) => onChange({ ...form, percent: said === 'percent' })} />
        <span>{t('b.by')}</span>
        <Pick label={t('b.amount')} value={amount} options={TOP_AMOUNTS.map((one) => ({ value: one, label: t(`amount.${one}`) }))} onChange={(next) => onChange({ ...form, amount: next })} />
        {amount === 'count' ? null : <>{t('b.amount_of')} <FieldChoose event={what.event} path={form.path} {...(amount === 'distinct' ? {} : { types: ['number'] as const })} onChange={(path) => onChange({ ...form, path })} /></>}
        {t('b.amount_each')} <EventChoose event={what.event} onChange={(event) => onChange({ ...form, what: another(what, event), path: event === what.event ? form.path : [] })} />
        <When window={form.window} times="past" always onChange={(window) => onChange({ ...form, window })} />
      </div>
      <WhereLines what={what} onChange={(next) => onChange({ ...form, what: next })} />
    </>
  );
}

function YearlyEdit({ form, onChange }: Props<'yearly'>) {
  const { t } = useText();
  return (
    <div className="b-line">
      <span>{t('b.yearly')}</span>
      <FieldChoose event={null} path={form.path} onChange={(path) => onChange({ ...form, path })} />
      <span>{t('b.comes_round')}</span>
      <When window={form.window} times="coming" always={false} onChange={(window) => onChange({ ...form, window })} />
    </div>
  );
}

export function MeasureEdit({ form, onChange }: { form: Measure; onChange: (form: Form) => void }) {
  switch (form.kind) {
    case 'lifecycle': return <StageEdit form={form} onChange={onChange} />;
    case 'gap': return <GapEdit form={form} onChange={onChange} />;
    case 'ratio': return <RatioEdit form={form} onChange={onChange} />;
    case 'topof': return <TopOfEdit form={form} onChange={onChange} />;
    case 'yearly': return <YearlyEdit form={form} onChange={onChange} />;
  }
}
