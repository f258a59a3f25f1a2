/* The greyed example of an empty list. */
import { useText } from '@lib/text';

const ROWS = [
  { name: 'Ana Novak', orders: 7, minor: 51_200, gap: 58 },
  { name: 'James Okafor', orders: 3, minor: 18_450, gap: 41 },
  { name: 'Mara Lindqvist', orders: 12, minor: 128_900, gap: 30 },
];

export function ExamplePeople() {
  const { t, f, currency } = useText();
  return (
    <div className="card">
      <table className="plain">
        <tbody>
          {ROWS.map((row) => (
            <tr key={row.name}>
              <td><b className="semi">{row.name}</b></td>
              <td className="num">{t('people.orders_n', { n: row.orders })}</td>
              <td className="num">{f.money({ minor: row.minor, currency })}</td>
              <td className="num wide-only">{t('unit.days', { n: row.gap })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
