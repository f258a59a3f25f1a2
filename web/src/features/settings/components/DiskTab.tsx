import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { Await } from '@ui/states';
import { useDisk, type Disk } from '../api/settings';
import { groupParts } from '../model/disk';

function Parts({ disk }: { disk: Disk }) {
  const { t, f } = useText();
  const most = Math.max(1, ...groupParts(disk.parts).map((part) => part.bytes));
  return (
    <section className="card">
      <h2>{t('disk.parts')}</h2>
      <div className="mt8">
        {groupParts(disk.parts).map((part) => {
          const key = `disk.part_${part.name}`;
          return (
            <div className="bar-row" key={part.name}>
              <span>{isKey(key) ? t(key) : part.name}</span>
              <span><span className="fill block" style={{ width: `${(part.bytes / most) * 100}%` }} /></span>
              <span className="num">{f.bytes(part.bytes)}</span>
            </div>
          );
        })}
      </div>
    </section>
  );
}

export function DiskTab() {
  const { t, f } = useText();
  const query = useDisk();
  return (
    <Await query={query}>
      {(disk) => (
        <div className="stack">
          <div className="grid g3">
            <section className="card fig"><p className="why">{t('disk.data')}</p><p className="v">{f.bytes(disk.data_bytes)}</p></section>
            <section className="card fig"><p className="why">{t('disk.free')}</p><p className="v">{f.bytes(disk.free_bytes)}</p></section>
            <section className="card fig">
              <p className="why">{t('disk.lasts')}</p>
              <p className="v">{disk.days_left == null ? t('disk.long') : t('unit.days', { n: Math.floor(disk.days_left) })}</p>
              <p className="small">{t('disk.lasts_why')}</p>
            </section>
          </div>
          <Parts disk={disk} />
        </div>
      )}
    </Await>
  );
}
