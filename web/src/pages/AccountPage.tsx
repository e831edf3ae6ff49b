import { Button, Input, InputNumber, Popconfirm, Select } from 'antd';
import { useState } from 'react';
import { useAddToken, useEndMySession, useEndMyToken, useMe, useMySessions, useMyTokens, usePasswordChange } from '../api/access';
import type { Permission, Token } from '../api/types';
import { formatMoment } from '../lib/format';
import { showHidden } from '../lib/escape';
import { Empty, ErrorState, Loading, Panel } from '../ui/bits';
import { useTitle } from '../ui/hooks';
import { Once } from '../ui/Once';
import { usePreferences } from '../ui/preferences';

/** One's own name, rights, password, sessions and tokens. */
export default function AccountPage() {
  const { t } = usePreferences();
  useTitle(t('account.title'));
  return (
    <div className="page">
      <div className="page-head"><h1>{t('account.title')}</h1></div>
      <div className="account-grid">
        <WhoIAm />
        <PasswordPanel />
        <SessionsPanel />
        <TokensPanel />
      </div>
    </div>
  );
}

function WhoIAm() {
  const { t, named } = usePreferences();
  const me = useMe().data;
  if (!me) return null;
  return (
    <Panel title={showHidden(me.user ?? '')}>
      <dl className="facts">
        <div><dt>{t('account.role')}</dt><dd>{named('role', me.role ?? 'viewer')}</dd></div>
        <div><dt>{t('account.personal')}</dt><dd>{me.sees_personal_data ? t('account.personal_full') : t('account.personal_masked')}</dd></div>
        <div><dt>{t('account.may')}</dt><dd>{me.permissions.filter((one) => one !== 'open').map((one) => <span key={one} className="tag">{named('permission', one)}</span>)}</dd></div>
      </dl>
    </Panel>
  );
}

function PasswordPanel() {
  const { t } = usePreferences();
  const change = usePasswordChange();
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  return (
    <Panel title={t('account.password')}>
      <form
        className="door-form"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ old, new: fresh }, { onSuccess: () => { setOld(''); setFresh(''); } });
        }}
      >
        <label>{t('account.password_old')}<Input.Password autoComplete="current-password" value={old} onChange={(event) => setOld(event.target.value)} /></label>
        <label>{t('account.password_new')}<Input.Password autoComplete="new-password" value={fresh} onChange={(event) => setFresh(event.target.value)} /></label>
        <p className="muted small">{t('welcome.rule')}</p>
        {change.isError && <ErrorState error={change.error} />}
        {change.isSuccess && <p className="check-ok" role="status">{t('account.password_done')}</p>}
        <Button htmlType="submit" loading={change.isPending} disabled={!old || !fresh}>{t('account.password')}</Button>
      </form>
    </Panel>
  );
}

function SessionsPanel() {
  const { t, language } = usePreferences();
  const sessions = useMySessions();
  const end = useEndMySession();
  return (
    <Panel title={t('account.sessions')} className="wide">
      {sessions.isPending && <Loading rows={2} />}
      {sessions.isError && <ErrorState error={sessions.error} />}
      {sessions.data && (
        <div className="scroll-x">
          <table className="table">
            <thead><tr><th scope="col">{t('access.created')}</th><th scope="col">{t('access.last_used')}</th><th scope="col" aria-label={t('account.end')} /></tr></thead>
            <tbody>
              {sessions.data.sessions.map((session) => (
                <tr key={session.id}>
                  <td>{formatMoment(session.created_at, language)}</td>
                  <td>{formatMoment(session.last_used_at, language)}</td>
                  <td className="right">
                    {session.this_one ? <span className="muted">{t('account.this_one')}</span> : <Button size="small" onClick={() => end.mutate(session.id)}>{t('account.end')}</Button>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

export function TokenTable({ tokens, onEnd, withUser }: { tokens: Token[]; onEnd: (id: string) => void; withUser: boolean }) {
  const { t, named, language } = usePreferences();
  return (
    <div className="scroll-x">
      <table className="table">
        <thead>
          <tr>
            {withUser && <th scope="col">{t('audit.user')}</th>}
            <th scope="col">{t('access.name')}</th>
            <th scope="col">{t('account.may')}</th>
            <th scope="col">{t('access.valid_until')}</th>
            <th scope="col">{t('access.last_used')}</th>
            <th scope="col" aria-label={t('account.end')} />
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              {withUser && <td>{token.user}</td>}
              <td className="break">{showHidden(token.name)}</td>
              <td>{token.permissions.map((one) => named('permission', one)).join(', ')}</td>
              <td className="nowrap">{formatMoment(token.valid_until, language)}</td>
              <td className="nowrap">{token.last_used_at ? formatMoment(token.last_used_at, language) : t('access.never')}</td>
              <td className="right"><Button size="small" onClick={() => onEnd(token.id)}>{t('account.end')}</Button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TokensPanel() {
  const { t, named } = usePreferences();
  const me = useMe().data;
  const tokens = useMyTokens();
  const add = useAddToken();
  const end = useEndMyToken();
  const [name, setName] = useState('');
  const [days, setDays] = useState<number>(90);
  const [may, setMay] = useState<Permission[]>(['look']);
  const own = (me?.permissions ?? []).filter((one) => one !== 'open' && one !== 'session');
  return (
    <Panel title={t('account.tokens')} className="wide">
      <p className="lead">{t('account.tokens_lead')}</p>
      {add.data && <Once text={t('access.once_token', { name: add.data.token.name })} secret={add.data.secret} onDone={() => add.reset()} />}
      <form
        className="row-form"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate({ name, permissions: may, days }, { onSuccess: () => setName('') });
        }}
      >
        <Input aria-label={t('account.token_name')} placeholder={t('account.token_name')} maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
        <Select
          mode="multiple"
          aria-label={t('account.may')}
          value={may}
          options={own.map((one) => ({ value: one, label: named('permission', one) }))}
          onChange={(value: Permission[]) => setMay(value)}
        />
        <InputNumber aria-label={t('account.token_days')} addonBefore={t('account.token_days')} min={1} max={366} value={days} onChange={(value) => setDays(value ?? 90)} />
        <Button htmlType="submit" loading={add.isPending} disabled={!name || may.length === 0}>{t('account.token_add')}</Button>
      </form>
      {add.isError && <ErrorState error={add.error} />}
      {tokens.isError && <ErrorState error={tokens.error} />}
      {tokens.data && (tokens.data.tokens.length === 0 ? <Empty title={t('account.no_tokens')} /> : <TokenTable tokens={tokens.data.tokens} withUser={false} onEnd={(id) => end.mutate(id)} />)}
    </Panel>
  );
}

/** A button that asks before it does what ends something. */
export function Sure({ question, label, onYes }: { question: string; label: string; onYes: () => void }) {
  const { t } = usePreferences();
  return (
    <Popconfirm title={question} okText={t('access.yes')} cancelText={t('access.no')} onConfirm={onYes}>
      <Button size="small">{label}</Button>
    </Popconfirm>
  );
}
