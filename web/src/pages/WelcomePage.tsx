import { Button, Input } from 'antd';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { useLinkFor, useWelcome } from '../api/access';
import { ApiError } from '../api/client';
import { DoorFrame } from '../ui/DoorFrame';
import { ErrorState, Loading } from '../ui/bits';
import { useTitle } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

/** Where a one-time link leads: the first admin, or an invited user, sets a password. */
export default function WelcomePage() {
  const { t } = usePreferences();
  useTitle(t('welcome.title'));
  const navigate = useNavigate();
  // The secret stands after '#': no server, proxy or log sees it, and it leaves the address at once.
  const [link] = useState(() => window.location.hash.slice(1));
  useEffect(() => window.history.replaceState(null, '', '/welcome'), []);
  const asked = useLinkFor(link);
  const welcome = useWelcome();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  if (link !== '' && asked.isPending) return <DoorFrame title={t('welcome.title')}><Loading rows={3} /></DoorFrame>;
  const over = link === '' || (asked.error instanceof ApiError && asked.error.status === 404);
  if (over) {
    return <DoorFrame title={t('welcome.over')}><p className="lead">{t('welcome.over_hint')}</p></DoorFrame>;
  }
  if (!asked.data) return <DoorFrame title={t('welcome.title')}><ErrorState error={asked.error} retry={() => void asked.refetch()} /></DoorFrame>;
  const first = asked.data.first_admin;
  const differ = again !== '' && again !== password;
  return (
    <DoorFrame title={t('welcome.title')}>
      <p className="lead">{first ? t('welcome.first') : t('welcome.user', { name: asked.data.user ?? '' })}</p>
      <form
        className="door-form"
        onSubmit={(event) => {
          event.preventDefault();
          welcome.mutate({ link, password, ...(first ? { name: name.trim() } : {}) }, { onSuccess: () => navigate('/', { replace: true }) });
        }}
      >
        {first && (
          <label>
            {t('login.name')}
            <Input name="username" autoComplete="username" autoCapitalize="none" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
          </label>
        )}
        <label>
          {t('login.password')}
          <Input.Password name="password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        </label>
        <p className="muted small">{t('welcome.rule')}</p>
        <label>
          {t('welcome.repeat')}
          <Input.Password name="again" autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} />
        </label>
        {differ && <p className="wrong" role="alert">{t('welcome.differ')}</p>}
        {welcome.isError && <ErrorState error={welcome.error} />}
        <Button type="primary" htmlType="submit" block loading={welcome.isPending} disabled={(first && !name) || !password || again !== password}>
          {t('welcome.submit')}
        </Button>
      </form>
    </DoorFrame>
  );
}
