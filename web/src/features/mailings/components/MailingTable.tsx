/* Mailings, newest first: state, group, who has it, what it did. */
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { useResult, type Campaign } from '../api/mailings';
import { tally } from '../model/tally';
import { useWhomName } from './Whom';

const STATE_CLASS: Record<Campaign['state'], string> = { draft: '', scheduled: 'warn', planning: 'info', sending: 'info', stopped: 'bad', done: 'good' };
/** Results of older ones are on their pages. */
const RESULTS_SHOWN = 20;

function Verdict({ mailing }: { mailing: Campaign }) {
  const { t } = useText();
  const result = useResult(mailing.id, true, 60_000).data;
  if (!result) return null;
  return <>{t('mailing.result', { opened: result.opened, clicked: result.clicked })}<span className="small block-line">{t(mailing.holdout === 0 ? 'verdict.short_none' : `verdict.short_${result.verdict}`)}</span></>;
}

function Row({ mailing, index, whom }: { mailing: Campaign; index: number; whom: string }) {
  const { t, f } = useText();
  const now = tally(mailing.counts);
  const begun = mailing.state !== 'draft' && mailing.state !== 'scheduled';
  return (
    <tr className="mailing-row">
      <td><Link className="mailing-link" to={`/mailings/${mailing.id}`}><b className="semi">{mailing.name}</b></Link><span className="small block-line">{mailing.started_at ? f.day(mailing.started_at) : t('mailing.changed', { day: f.day(mailing.changed_at) })}</span></td>
      <td><span className={`chip ${STATE_CLASS[mailing.state]}`}>{t(`mailing.state_${mailing.state}`)}</span></td>
      <td className="wide-only">{whom}</td>
      <td className="num">{begun ? f.number(now.delivered) : '–'}</td>
      <td className="num wide-only">{begun ? f.number(now.withheld + now.refused) : '–'}</td>
      <td className="num wide-only">{begun ? f.number(now.leftAlone) : '–'}</td>
      <td className="wide-only">{begun && index < RESULTS_SHOWN ? <Verdict mailing={mailing} /> : null}</td>
    </tr>
  );
}

export function MailingTable({ mailings }: { mailings: Campaign[] }) {
  const { t } = useText();
  const whom = useWhomName();
  return (
    <section className="card">
      <table className="plain mailing-table">
        <thead>
          <tr>
            <th>{t('nav.mailings')}</th><th>{t('mailing.state')}</th><th className="wide-only">{t('mailing.whom')}</th><th className="num">{t('mailing.have')}</th><th className="num wide-only">{t('mailing.have_not')}</th>
            <th className="num wide-only">{t('mailing.alone')}</th><th className="wide-only">{t('mailing.came_of_it')}</th>
          </tr>
        </thead>
        <tbody>{mailings.map((mailing, index) => <Row key={mailing.id} mailing={mailing} index={index} whom={whom(mailing.rule)} />)}</tbody>
      </table>
    </section>
  );
}
