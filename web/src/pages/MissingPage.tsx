import { Link } from 'react-router-dom';
import { Empty } from '../ui/bits';
import { useTitle } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

export default function MissingPage() {
  const { t } = usePreferences();
  useTitle(t('missing.title'));
  return (
    <div className="page">
      <Empty title={t('missing.title')}><Link to="/">{t('missing.home')}</Link></Empty>
    </div>
  );
}
