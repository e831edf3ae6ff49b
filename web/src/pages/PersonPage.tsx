import { Suspense, lazy } from 'react';
import { Link, useParams } from 'react-router-dom';
import { Loading } from '../ui/bits';
import { usePreferences } from '../ui/preferences';

const PersonView = lazy(() => import('./PersonView'));

/** One person on a page of their own. */
export default function PersonPage() {
  const { id = '' } = useParams();
  const { t } = usePreferences();
  return (
    <div className="page">
      <Link className="back" to="/people">← {t('person.back')}</Link>
      <Suspense fallback={<Loading rows={10} />}><PersonView key={id} id={id} /></Suspense>
    </div>
  );
}
