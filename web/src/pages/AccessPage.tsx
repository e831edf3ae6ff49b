import { Button, Input, Pagination, Select, Tabs } from 'antd';
import { useState } from 'react';
import { useAddUser, useAudit, useAuditCheck, useEndToken, useInvite, useMay, useMe, useTokens, useUserChange, useUsers } from '../api/access';
import type { Role, User } from '../api/types';
import { formatMoment } from '../lib/format';
import { showHidden } from '../lib/escape';
import { Empty, ErrorState, Loading, Panel } from '../ui/bits';
import { tabOf, useSettled, useTitle, useUrl } from '../ui/hooks';
import { Once } from '../ui/Once';
import { usePreferences } from '../ui/preferences';
import { Sure, TokenTable } from './AccountPage';
import { SourcesTab } from './SourcesTab';

const roles: Role[] = ['viewer', 'service', 'operator', 'analyst', 'admin'];

/** Who may send events and who may look at them, and what everybody did. */
export default function AccessPage() {
  const { t } = usePreferences();
  useTitle(t('access.title'));
  const [params, setUrl] = useUrl();
  const manages = useMay('manage');
  const audits = useMay('audit');
  const items = [
    ...(manages
      ? [
          { key: 'users', label: t('access.users'), children: <UsersTab /> },
          { key: 'sources', label: t('access.sources'), children: <SourcesTab /> },
          { key: 'tokens', label: t('access.tokens'), children: <TokensTab /> },
        ]
      : []),
    ...(audits ? [{ key: 'audit', label: t('access.audit'), children: <AuditTab /> }] : []),
  ];
  const first = items[0]?.key ?? 'users';
  return (
    <div className="page">
      <div className="page-head"><h1>{t('access.title')}</h1></div>
      <Tabs
        activeKey={tabOf(params.get('tab'), items.map((item) => item.key))}
        onChange={(key) => setUrl({ tab: key === first ? null : key, page: null })}
        destroyOnHidden
        items={items}
      />
    </div>
  );
}

function UsersTab() {
  const { t, named } = usePreferences();
  const users = useUsers();
  const add = useAddUser();
  const invite = useInvite();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const link = add.data ?? invite.data;
  return (
    <Panel>
      <p className="lead">{t('access.users_lead')}</p>
      {link && (
        <Once
          text={`${link.user}: ${t('access.once_link')}`}
          secret={window.location.origin + link.link}
          onDone={() => {
            add.reset();
            invite.reset();
          }}
        />
      )}
      <form
        className="row-form"
        onSubmit={(event) => {
          event.preventDefault();
          invite.reset();
          add.mutate({ name: name.trim(), role }, { onSuccess: () => setName('') });
        }}
      >
        <Input aria-label={t('login.name')} placeholder={t('login.name')} autoCapitalize="none" maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
        <Select aria-label={t('access.role')} value={role} options={roles.map((one) => ({ value: one, label: named('role', one) }))} onChange={(value: Role) => setRole(value)} />
        <Button htmlType="submit" type="primary" loading={add.isPending} disabled={!name}>{t('access.add_user')}</Button>
      </form>
      {add.isError && <ErrorState error={add.error} />}
      {invite.isError && <ErrorState error={invite.error} />}
      {users.isPending && <Loading rows={4} />}
      {users.isError && <ErrorState error={users.error} />}
      {users.data && <UserTable users={users.data.users} onInvite={(who) => { add.reset(); invite.mutate(who); }} />}
    </Panel>
  );
}

function UserTable({ users, onInvite }: { users: User[]; onInvite: (name: string) => void }) {
  const { t, named, language } = usePreferences();
  const me = useMe().data;
  const change = useUserChange();
  const state = (user: User) => (user.disabled ? 'access.disabled' : user.has_password ? 'access.active' : 'access.invited');
  return (
    <>
      {change.isError && <ErrorState error={change.error} />}
      <div className="scroll-x">
        <table className="table" data-testid="users">
          <thead>
            <tr>
              <th scope="col">{t('access.name')}</th>
              <th scope="col">{t('access.role')}</th>
              <th scope="col">{t('access.state')}</th>
              <th scope="col">{t('access.last_login')}</th>
              <th scope="col" aria-label={t('access.invite')} />
            </tr>
          </thead>
          <tbody>
            {users.map((user) => (
              <tr key={user.name} className={user.disabled ? 'muted' : undefined}>
                <td className="break">{user.name}</td>
                <td>
                  {user.name === me?.user ? (
                    named('role', user.role)
                  ) : (
                    <Select
                      size="small"
                      aria-label={`${t('access.role')} ${user.name}`}
                      className="role-select"
                      value={user.role}
                      options={roles.map((one) => ({ value: one, label: named('role', one) }))}
                      onChange={(value: Role) => change.mutate({ name: user.name, role: value })}
                    />
                  )}
                </td>
                <td>{t(state(user))}</td>
                <td className="nowrap">{user.last_login_at ? formatMoment(user.last_login_at, language) : t('access.never')}</td>
                <td className="right">
                  {user.name === me?.user ? (
                    <span className="muted">{t('access.mine')}</span>
                  ) : (
                    <span className="row-actions">
                      <Sure question={t('access.invite_sure', { name: user.name })} label={t('access.invite')} onYes={() => onInvite(user.name)} />
                      {user.disabled ? (
                        <Button size="small" onClick={() => change.mutate({ name: user.name, disabled: false })}>{t('access.enable')}</Button>
                      ) : (
                        <Sure question={t('access.disable_sure', { name: user.name })} label={t('access.disable')} onYes={() => change.mutate({ name: user.name, disabled: true })} />
                      )}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function TokensTab() {
  const { t } = usePreferences();
  const tokens = useTokens();
  const end = useEndToken();
  if (tokens.isPending) return <Loading rows={4} />;
  if (tokens.isError) return <ErrorState error={tokens.error} />;
  return (
    <Panel>
      <p className="lead">{t('account.tokens_lead')}</p>
      {tokens.data.tokens.length === 0 ? <Empty title={t('account.no_tokens')} /> : <TokenTable tokens={tokens.data.tokens} withUser onEnd={(id) => end.mutate(id)} />}
    </Panel>
  );
}

const kEntries = 50;

function AuditTab() {
  const { t, named, language } = usePreferences();
  const [params, setUrl] = useUrl();
  const page = Math.max(1, Number(params.get('page') ?? 1) || 1);
  const [user, setUser] = useState('');
  const [action, setAction] = useState('');
  const [person, setPerson] = useState('');
  const filter = useSettled({ user, action, person }, 300);
  const audit = useAudit({ ...filter, offset: (page - 1) * kEntries, limit: kEntries });
  const check = useAuditCheck();
  return (
    <Panel
      extra={<Button size="small" loading={check.isPending} onClick={() => check.mutate()}>{t('audit.check')}</Button>}
    >
      <p className="lead">{t('access.audit_lead')}</p>
      {check.data && (
        <p className={check.data.ok ? 'check-ok break' : 'wrong'} role="status">
          {check.data.ok ? t('audit.whole', { n: check.data.entries ?? 0, chain: `${check.data.entries}:${check.data.chain}` }) : check.data.problem}
        </p>
      )}
      {check.isError && <ErrorState error={check.error} />}
      <div className="row-form">
        <Input aria-label={t('audit.user')} placeholder={t('audit.user')} value={user} onChange={(event) => setUser(event.target.value)} />
        <Input aria-label={t('audit.action')} placeholder={t('audit.action')} value={action} onChange={(event) => setAction(event.target.value)} />
        <Input aria-label={t('audit.person')} placeholder={t('audit.person')} value={person} onChange={(event) => setPerson(event.target.value)} />
      </div>
      {audit.isPending && <Loading rows={8} />}
      {audit.isError && <ErrorState error={audit.error} />}
      {audit.data?.total === 0 && <Empty title={t('audit.none')} />}
      {audit.data && audit.data.total > 0 && (
        <>
          <div className="scroll-x">
            <table className="table audit-table" data-testid="audit">
              <thead>
                <tr>
                  <th scope="col">{t('audit.at')}</th>
                  <th scope="col">{t('audit.user')}</th>
                  <th scope="col">{t('audit.action')}</th>
                  <th scope="col">{t('audit.subject')}</th>
                  <th scope="col">{t('audit.outcome')}</th>
                  <th scope="col">{t('audit.peer')}</th>
                </tr>
              </thead>
              <tbody>
                {audit.data.entries.map((entry) => (
                  <tr key={entry.seq}>
                    <td className="nowrap">{formatMoment(entry.at, language)}</td>
                    <td className="break">{showHidden(entry.user)}</td>
                    <td className="break"><code>{entry.action}</code></td>
                    <td className="break small">{showHidden(entry.subject)}</td>
                    <td className={entry.outcome === 'done' ? undefined : 'wrong'}>{named('audit.outcome', entry.outcome)}</td>
                    <td className="muted small">{entry.peer}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Pagination
            size="small"
            current={page}
            pageSize={kEntries}
            total={audit.data.total}
            showSizeChanger={false}
            hideOnSinglePage
            onChange={(next) => setUrl({ page: next === 1 ? null : String(next) })}
          />
        </>
      )}
    </Panel>
  );
}
