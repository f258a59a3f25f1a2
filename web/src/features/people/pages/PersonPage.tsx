/* One person: what happened and what is coming at the left, what we know at the right. */
import { Navigate, useParams } from 'react-router';
import { Link } from 'react-router';
import { ApiError } from '@lib/api';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Await, Bones } from '@ui/states';
import { usePerson } from '../api/people';
import type { Person } from '../api/types';
import { Details } from '../components/Details';
import { Links } from '../components/Links';
import { MayWeWrite } from '../components/MayWeWrite';
import { PersonHead } from '../components/PersonHead';
import { PersonGroups } from '../components/PersonGroups';
import { Rhythm } from '../components/Rhythm';
import { Tags } from '../components/Tags';
import { Timeline } from '../components/Timeline';
import './people.css';
import './person.css';

function Body({ person }: { person: Person }) {
  if (person.merged_into !== null) return <Navigate to={`/people/${person.merged_into}`} replace />;
  return (
    <>
      <PersonHead person={person} />
      <div className="grid g21">
        <Timeline person={person} />
        <div className="stack">
          <Rhythm person={person} />
          <MayWeWrite person={person} />
          <PersonGroups id={person.id} />
          <Tags person={person} />
          <Details person={person} />
          <Links person={person} />
        </div>
      </div>
    </>
  );
}

export function PersonPage() {
  const { t } = useText();
  const { id = '' } = useParams();
  const query = usePerson(id);
  if (query.error instanceof ApiError && query.error.status === 404) {
    return <Page title={t('person.gone')} sub={<Link className="lnk" to="/people">{t('person.gone_back')}</Link>} />;
  }
  return <Await query={query} whole bones={<Bones lines={6} height={64} />}>{(person) => <Body key={person.id} person={person} />}</Await>;
}
