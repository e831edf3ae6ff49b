// Small pieces that every screen uses.
import { Button, Skeleton, Tooltip } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { ApiError } from '../api/client';
import type { Unobservable } from '../api/types';
import { formatDelta, formatFixed } from '../lib/format';
import { kTierNames, tierRank, type TierName } from '../lib/tiers';
import type { TextKey } from '../i18n/text';
import { usePreferences } from './preferences';

/** A tier's name in its colour, with its rank as filled bars so that colour is never needed. */
export function TierBadge({ tier, bare = false }: { tier: string; bare?: boolean }) {
  const { named } = usePreferences();
  const rank = tierRank(tier);
  return (
    <span className={`tier-badge${bare ? ' bare' : ''}`} data-tier={kTierNames[rank]}>
      <TierBars rank={rank} />
      <span>{named('tier', tier)}</span>
    </span>
  );
}

function TierBars({ rank }: { rank: number }) {
  return (
    <svg className="tier-bars" width="14" height="12" viewBox="0 0 14 12" aria-hidden="true">
      {[1, 2, 3, 4].map((step) => (
        <rect
          key={step}
          x={(step - 1) * 3.6}
          y={12 - step * 2.8 - 0.8}
          width="2.6"
          height={step * 2.8 + 0.8}
          rx="0.8"
          fill="currentColor"
          opacity={step <= rank ? 1 : 0.28}
        />
      ))}
    </svg>
  );
}

const velocityGlyph: Record<string, string> = { deepening: '↗', steady: '→', drifting: '↘', at_risk: '↓', lost: '✕' };
export function Velocity({ velocity }: { velocity: string }) {
  const { named } = usePreferences();
  return (
    <span className="velocity" data-velocity={velocity}>
      <span aria-hidden="true" className="glyph">{velocityGlyph[velocity] ?? '·'}</span>
      {named('velocity', velocity)}
    </span>
  );
}

/** A word of the glossary: what it means appears on hover and on focus. */
export function Term({ word, children }: { word: string; children?: ReactNode }) {
  const { t } = usePreferences();
  return (
    <Tooltip title={t(`glossary.${word}` as TextKey)} trigger={['hover', 'focus']} destroyOnHidden>
      <span className="term" tabIndex={0}>
        {children ?? t(`term.${word}` as TextKey)}
      </span>
    </Tooltip>
  );
}

export function Delta({ value, digits = 0, plain = false }: { value: number; digits?: number; plain?: boolean }) {
  const { language } = usePreferences();
  const sign = value > 0 ? 'up' : value < 0 ? 'down' : 'same';
  return <span className={`delta num${plain ? ' plain' : ''}`} data-sign={sign}>{formatDelta(value, language, digits)}</span>;
}

/** The index as figure and bar, 0 to 100. */
export function IndexBar({ milli, tier }: { milli: number; tier: string }) {
  const { language } = usePreferences();
  const share = Math.max(0, Math.min(100, milli / 1000));
  return (
    <span className="index-bar">
      <span className="num">{formatFixed(milli / 1000, language, 1)}</span>
      <span className="track" aria-hidden="true">
        <span className="fill" data-tier={kTierNames[tierRank(tier)]} style={{ width: `${share}%` }} />
      </span>
    </span>
  );
}

export function Panel({
  title, extra, children, className = '', label,
}: { title?: ReactNode; extra?: ReactNode; children: ReactNode; className?: string; label?: string }) {
  return (
    <section className={`panel ${className}`} aria-label={label}>
      {(title || extra) && (
        <header className="panel-head">
          <h2>{title}</h2>
          {extra && <div className="panel-extra">{extra}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export function Loading({ rows = 4 }: { rows?: number }) {
  const { t } = usePreferences();
  return (
    <div className="loading" role="status" aria-label={t('state.loading')}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

export function Empty({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="empty">
      <svg width="40" height="52" viewBox="0 0 40 52" aria-hidden="true">
        <path d="M4 3h32c0 13-13 15-13 23s13 10 13 23H4c0-13 13-15 13-23S4 16 4 3z" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="4 4" />
      </svg>
      <strong>{title}</strong>
      {children && <div>{children}</div>}
    </div>
  );
}

export function useErrorText(): (error: unknown) => { title: string; detail: string } {
  const { t } = usePreferences();
  return (error) => {
    if (error instanceof ApiError) {
      if (error.code === 'unreachable') return { title: t('error.unreachable'), detail: t('error.unreachable_hint') };
      const titles: Record<string, TextKey> = {
        not_found: 'error.not_found', invalid: 'error.invalid', overloaded: 'error.overloaded',
        unavailable: 'error.unavailable', corrupted: 'error.corrupted', timeout: 'error.timeout',
        unauthenticated: 'error.unauthenticated', forbidden: 'error.forbidden', conflict: 'error.conflict', too_many: 'error.too_many',
      };
      return { title: t(titles[error.code] ?? 'error.failed'), detail: error.message };
    }
    return { title: t('error.failed'), detail: error instanceof Error ? error.message : String(error) };
  };
}

export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = usePreferences();
  const { title, detail } = useErrorText()(error);
  return (
    <div className="error-state" role="alert">
      <strong>{title}</strong>
      {detail && <p>{detail}</p>}
      {retry && <Button size="small" onClick={retry}>{t('action.retry')}</Button>}
    </div>
  );
}

/** What cannot be seen yet, named, with what to connect. Never a zero. */
export function NotObservable({ facts, compact = false }: { facts: Unobservable[]; compact?: boolean }) {
  const { language, t } = usePreferences();
  if (facts.length === 0) return null;
  return (
    <ul className={`unobservable${compact ? ' compact' : ''}`}>
      {facts.map((fact) => (
        <li key={fact.fact}>
          <strong>{language === 'en' ? fact.en : fact.zh}</strong>
          {fact.connect.length > 0 && (
            <span>
              {t('observable.connect')}{' '}
              {fact.connect.map((word) => (language === 'en' ? word.en : word.zh)).join(language === 'en' ? ', ' : '、')}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

export function PersonLink({ id, wide = false, tab }: { id: string; wide?: boolean; tab?: string }) {
  return (
    <Link className="person-link" to={`${wide ? '/people/' : '/person/'}${encodeURIComponent(id)}${tab ? `?tab=${tab}` : ''}`} title={id}>
      {id}
    </Link>
  );
}

export function TierStep({ from, to }: { from: string; to: string }) {
  return (
    <span className="tier-step">
      <TierBadge tier={from} bare />
      <span aria-hidden="true">→</span>
      <TierBadge tier={to} />
    </span>
  );
}

export type { TierName };
