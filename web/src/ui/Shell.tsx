import { BulbOutlined, DesktopOutlined, MoonOutlined, UserOutlined } from '@ant-design/icons';
import { Button, Dropdown, Tooltip } from 'antd';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { Link, NavLink, Outlet, useLocation, useNavigate } from 'react-router-dom';
import { useLogout, useMe } from '../api/access';
import { useStatus } from '../api/queries';
import { formatDay } from '../lib/format';
import { ErrorState, Loading } from './bits';
import { ErrorBoundary } from './ErrorBoundary';
import { usePreferences, type ThemeChoice } from './preferences';
import { StatusStrip } from './StatusStrip';

const LoginPage = lazy(() => import('../pages/LoginPage'));

// `needs`: the right without which the screen would only be refused.
const places = [
  { to: '/', key: 'nav.hourglass', needs: 'look' },
  { to: '/people', key: 'nav.people', needs: 'look' },
  { to: '/classes', key: 'nav.classes', needs: 'look' },
  { to: '/changes', key: 'nav.changes', needs: 'look' },
  { to: '/value', key: 'nav.value', needs: 'look' },
  { to: '/demand', key: 'nav.demand', needs: 'look' },
  { to: '/identities', key: 'nav.identities', needs: 'correct' },
  { to: '/what-if', key: 'nav.what_if', needs: 'decide' },
  { to: '/truth', key: 'nav.truth', needs: 'look' },
  { to: '/live', key: 'nav.live', needs: 'correct' },
  { to: '/system', key: 'nav.system', needs: 'look' },
  { to: '/access', key: 'nav.access', needs: 'manage' },
] as const;

/** Every screen is behind the login: nothing is asked before it is known who asks. */
export function Shell() {
  const me = useMe();
  if (me.isError && !me.data) return <div className="page"><ErrorState error={me.error} retry={() => void me.refetch()} /></div>;
  if (!me.data) return <div className="page"><Loading rows={8} /></div>;
  if (me.data.by === 'nobody') return <Suspense fallback={<div className="page"><Loading rows={4} /></div>}><LoginPage /></Suspense>;
  return <Frame permissions={me.data.permissions} user={me.data.user ?? ''} />;
}

/** The frame around every screen: where to go, on which day and model the figures stand. */
function Frame({ permissions, user }: { permissions: readonly string[]; user: string }) {
  const { t } = usePreferences();
  const location = useLocation();
  const main = useRef<HTMLElement>(null);
  const nav = useRef<HTMLElement>(null);
  const section = location.pathname.split('/')[1] ?? '';
  const first = useRef(true);
  useEffect(() => {
    // On a narrow screen the row of places is longer than the screen.
    nav.current?.querySelector('.active')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
  }, [section]);

  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t('app.skip')}
      </a>
      <header className="top">
        <Link to="/" className="brand" aria-label={t('app.name')}>
          <Seal />
          <BrandName />
        </Link>
        <nav ref={nav} aria-label={t('nav.label')}>
          {places.filter((place) => permissions.includes(place.needs)).map((place) => (
            <NavLink
              key={place.to}
              to={place.to}
              end={place.to === '/'}
              className={({ isActive }) =>
                isActive || (place.to === '/people' && section === 'person') ? 'active' : undefined
              }
            >
              {t(place.key)}
            </NavLink>
          ))}
        </nav>
        <AsOf />
        <div className="switches">
          <LanguageSwitch />
          <ThemeSwitch />
          <AccountMenu user={user} />
        </div>
      </header>
      <StatusStrip />
      <main id="main" ref={main} tabIndex={-1}>
        <ErrorBoundary key={section}>
          <Suspense fallback={<div className="page"><Loading rows={8} /></div>}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
    </div>
  );
}

export function BrandName() {
  return (
    <>
      <span lang="zh-CN" className="brand-zh">关系</span>
      <span className="brand-en">Guanxi</span>
    </>
  );
}

export function Seal() {
  return (
    <svg className="seal" width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" fill="#b3392b" />
      <path d="M8 6h16c0 6-6.2 7.6-6.2 10S24 20 24 26H8c0-6 6.2-7.6 6.2-10S8 12 8 6z" fill="none" stroke="#fff" strokeWidth="2.2" strokeLinejoin="round" />
      <path d="M11 9h10c-.8 2.3-3.3 3.6-5 5.2C14.3 12.6 11.8 11.3 11 9z" fill="#fff" />
    </svg>
  );
}

function AsOf() {
  const { t, language } = usePreferences();
  const status = useStatus().data;
  if (!status) return <div className="as-of" />;
  return (
    <div className="as-of">
      {status.as_of && (
        <Tooltip title={t('glossary.as_of')}>
          <span className="as-of-day num" tabIndex={0}>{t('app.as_of', { day: formatDay(status.as_of, language) })}</span>
        </Tooltip>
      )}
      <Tooltip title={t('app.model_hint', { hash: status.model.hash })}>
        <Link className="model-chip" to="/system?tab=model">{status.model.name} {status.model.version}</Link>
      </Tooltip>
    </div>
  );
}

export function LanguageSwitch() {
  const { t, language, setLanguage } = usePreferences();
  return (
    <Button
      type="text"
      className="language-switch"
      lang={language === 'en' ? 'zh-CN' : 'en'}
      aria-label={t('app.switch_language')}
      onClick={() => setLanguage(language === 'en' ? 'zh-CN' : 'en')}
    >
      {language === 'en' ? '中文' : 'EN'}
    </Button>
  );
}

export function ThemeSwitch() {
  const { t, themeChoice, setThemeChoice } = usePreferences();
  const icons = { light: <BulbOutlined />, dark: <MoonOutlined />, system: <DesktopOutlined /> };
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        selectable: true,
        selectedKeys: [themeChoice],
        onClick: ({ key }) => setThemeChoice(key as ThemeChoice),
        items: (['light', 'dark', 'system'] as const).map((key) => ({ key, icon: icons[key], label: t(`theme.${key}`) })),
      }}
    >
      <Button type="text" className="theme-switch" aria-label={t('theme.label')} icon={icons[themeChoice]} />
    </Dropdown>
  );
}

function AccountMenu({ user }: { user: string }) {
  const { t } = usePreferences();
  const navigate = useNavigate();
  const logout = useLogout();
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'who', label: user, disabled: true },
          { key: 'account', label: t('account.title') },
          { key: 'logout', label: t('account.logout') },
        ],
        onClick: ({ key }) => (key === 'logout' ? logout.mutate() : navigate('/account')),
      }}
    >
      <Button type="text" className="account-menu" aria-label={t('account.menu')} icon={<UserOutlined />} />
    </Dropdown>
  );
}
