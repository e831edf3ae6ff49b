import { Button, Input } from 'antd';
import { useState } from 'react';
import { useLogin, useMe } from '../api/access';
import { ApiError } from '../api/client';
import { useTitle } from '../ui/hooks';
import { DoorFrame } from '../ui/DoorFrame';
import { ErrorState } from '../ui/bits';
import { usePreferences } from '../ui/preferences';

/** Who are you? Shown in the place of every screen until somebody is known. */
export default function LoginPage() {
  const { t } = usePreferences();
  useTitle(t('login.title'));
  const me = useMe();
  const login = useLogin();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  if (me.data?.first_admin_needed) {
    return <DoorFrame title={t('welcome.title')}><p className="lead" data-testid="first-admin">{t('login.first')}</p></DoorFrame>;
  }
  const wrong = login.error instanceof ApiError && login.error.status === 401;
  return (
    <DoorFrame title={t('login.title')}>
      <form
        className="door-form"
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate({ name: name.trim(), password });
        }}
      >
        <label>
          {t('login.name')}
          <Input name="username" autoComplete="username" autoCapitalize="none" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          {t('login.password')}
          <Input.Password name="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        </label>
        {wrong && <p className="wrong" role="alert">{t('login.wrong')}</p>}
        {login.isError && !wrong && <ErrorState error={login.error} />}
        <Button type="primary" htmlType="submit" block loading={login.isPending} disabled={!name || !password}>{t('login.submit')}</Button>
      </form>
    </DoorFrame>
  );
}
