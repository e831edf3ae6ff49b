import { useId } from 'react';
import { useHref, useNavigate } from 'react-router-dom';
import type { ReactNode } from 'react';
import type { Hourglass } from '../api/types';
import { formatCount, formatDelta, formatShare } from '../lib/format';
import { bandPath, glassHalfWidth } from '../lib/shapes';
import { kTierNames, tierRank } from '../lib/tiers';
import { usePreferences } from '../ui/preferences';
import { useWidth } from '../ui/hooks';
import { usePalette } from '../ui/theme';

const kTop = 42;

interface Links {
  tier: (tier: string) => string;
  entered: string;
  referred: string;
}

/**
 * The V60: five tiers from the wide rim to the narrow waist, open again below, where the people
 * come in whom customers brought. The shape is the idea and stays the same; the figures and the
 * thin bars are the measure.
 */
export function HourglassPicture({ data, links }: { data: Hourglass; links: Links }) {
  const { t, language, named } = usePreferences();
  const palette = usePalette();
  const [box, width] = useWidth<HTMLDivElement>();
  const hatch = useId().replace(/:/g, '');
  const narrow = width < 430;
  const band = narrow ? 60 : 68;
  const flare = narrow ? 130 : 176;
  const left = narrow ? 96 : 124;
  const right = narrow ? 92 : 120;
  const centre = left + (width - left - right) / 2;
  const rim = Math.max(40, Math.min(210, (width - left - right) / 2 - 8));
  const waist = Math.max(7, rim * 0.07);
  const waistY = kTop + 5 * band;
  const height = waistY + flare + 14;
  const half = (y: number) =>
    y <= waistY
      ? glassHalfWidth((y - kTop) / (5 * band), rim, waist)
      : glassHalfWidth(1 - ((y - waistY) / flare) * 0.74, rim, waist);
  const largest = Math.max(1, ...data.tiers.map((tier) => (tier.observable ? tier.people_to : 0)));
  const bottom = waistY + flare;

  return (
    <div ref={box} className="hourglass">
      {width > 0 && (
        <svg width={width} height={height} role="group" aria-label={t('hourglass.picture')}>
          <defs>
            <pattern id={hatch} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="7" height="7" fill={palette.surface} />
              <line x1="0" y1="0" x2="0" y2="7" stroke={palette.muted} strokeWidth="1.4" opacity="0.55" />
            </pattern>
            <linearGradient id={`${hatch}g`} x1="0" x2="1" y1="0" y2="0">
              <stop offset="0" stopColor="#fff" stopOpacity="0.2" />
              <stop offset="0.28" stopColor="#fff" stopOpacity="0.02" />
              <stop offset="0.8" stopColor="#000" stopOpacity="0" />
              <stop offset="1" stopColor="#000" stopOpacity="0.12" />
            </linearGradient>
            <linearGradient id={`${hatch}f`} x1="0" x2="0" y1="0" y2="1">
              <stop offset="0" stopColor={palette.tier.super_strong} stopOpacity="0.55" />
              <stop offset="1" stopColor={palette.tier.super_strong} stopOpacity="0.06" />
            </linearGradient>
          </defs>

          <SvgLink to={links.entered} label={t('hourglass.entered_label', { n: data.entered })}>
            <rect className="hit" x={centre - rim} y={2} width={rim * 2} height={kTop - 8} rx="6" />
            <text x={centre} y={22} textAnchor="middle" className="hg-entry">
              <tspan aria-hidden="true">↓ </tspan>
              {t('hourglass.entered', { n: data.entered })}
            </text>
          </SvgLink>

          {data.tiers.map((tier) => {
            const rank = tierRank(tier.tier);
            const y0 = kTop + rank * band;
            const y1 = y0 + band;
            const middle = (y0 + y1) / 2;
            const name = kTierNames[rank] ?? 'none';
            const edge = half(middle);
            const delta = tier.people_to - tier.people_from;
            return (
              <SvgLink
                key={tier.tier}
                to={links.tier(tier.tier)}
                label={
                  tier.observable
                    ? t('hourglass.tier_label', { tier: named('tier', tier.tier), n: tier.people_to, delta: formatDelta(delta, language) })
                    : `${named('tier', tier.tier)}: ${t('observable.not_yet')}`
                }
                testId={`hourglass-${tier.tier}`}
              >
                <rect className="hit" x={0} y={y0 + 1} width={width} height={band - 2} rx="6" />
                <path d={bandPath(centre, y0 + 1, y1 - 1, half)} fill={tier.observable ? palette.tier[name] : `url(#${hatch})`} />
                <path d={bandPath(centre, y0 + 1, y1 - 1, half)} fill={`url(#${hatch}g)`} />
                <line className="hg-leader" x1={left - 6} x2={centre - edge - 4} y1={middle} y2={middle} />
                <line className="hg-leader" x1={centre + edge + 4} x2={width - right + 4} y1={middle} y2={middle} />
                <text x={8} y={middle - 4} className="hg-name">{named('tier', tier.tier)}</text>
                {tier.observable ? (
                  <>
                    <text x={8} y={middle + 12} className="hg-sub num">{formatShare(tier.people_to, data.people_to, language)}</text>
                    <rect x={8} y={middle + 18} width={left - 26} height="3" rx="1.5" className="hg-track" />
                    <rect
                      x={8} y={middle + 18} height="3" rx="1.5" fill={palette.tier[name]}
                      width={tier.people_to > 0 ? Math.max(2, ((left - 26) * tier.people_to) / largest) : 0}
                    />
                    <text x={width - 8} y={middle + 1} textAnchor="end" className="hg-count num">{formatCount(tier.people_to, language)}</text>
                    <text x={width - 8} y={middle + 18} textAnchor="end" className="hg-delta num" data-sign={delta > 0 ? 'up' : delta < 0 ? 'down' : 'same'}>
                      {formatDelta(delta, language)}
                    </text>
                  </>
                ) : (
                  <>
                    <text x={8} y={middle + 13} className="hg-sub">{t('observable.short')}</text>
                    <text x={width - 8} y={middle + 5} textAnchor="end" className="hg-sub">{t('observable.unknown')}</text>
                  </>
                )}
              </SvgLink>
            );
          })}

          <SvgLink
            to={links.referred}
            label={
              data.referral_observable
                ? t('hourglass.referred_label', { n: data.referred_newcomers })
                : `${t('hourglass.referred')}: ${t('observable.not_yet')}`
            }
            testId="hourglass-referred"
          >
            <rect className="hit" x={0} y={waistY + 2} width={width} height={flare + 6} rx="6" />
            <path
              d={bandPath(centre, waistY + 1, bottom, half)}
              fill={data.referral_observable ? `url(#${hatch}f)` : `url(#${hatch})`}
              opacity={data.referral_observable ? 1 : 0.7}
            />
            {data.referral_observable && data.referred_newcomers > 0 && (
              <g className="hg-grains" aria-hidden="true">
                {grains.map(([gx, gy], i) => (
                  <circle key={i} cx={centre + gx * half(waistY + gy * flare) * 0.78} cy={waistY + gy * flare} r={1.7} fill={palette.tier.super_strong} />
                ))}
              </g>
            )}
            <Sides centre={centre} y0={waistY} y1={bottom} half={half} dashed={!data.referral_observable} />
            <text x={8} y={waistY + flare * 0.42} className="hg-name">{t('hourglass.referred')}</text>
            <text x={8} y={waistY + flare * 0.42 + 17} className="hg-sub">
              {data.referral_observable ? formatShare(data.referred_newcomers, data.newcomers, language) : t('observable.short')}
            </text>
            {data.referral_observable ? (
              <>
                <text x={width - 8} y={waistY + flare * 0.42 + 5} textAnchor="end" className="hg-count num">{formatCount(data.referred_newcomers, language)}</text>
                <text x={width - 8} y={waistY + flare * 0.42 + 23} textAnchor="end" className="hg-sub">{t('hourglass.of_newcomers', { n: data.newcomers })}</text>
              </>
            ) : (
              <text x={width - 8} y={waistY + flare * 0.42 + 8} textAnchor="end" className="hg-sub">{t('observable.unknown')}</text>
            )}
          </SvgLink>
          <Sides centre={centre} y0={kTop} y1={waistY} half={half} />
          <line x1={centre - rim - 5} x2={centre + rim + 5} y1={kTop - 1} y2={kTop - 1} className="hg-rim" />
        </svg>
      )}
    </div>
  );
}

// Where the grains stand: across (-1..1) and down (0..1) the lower glass. A drawing, not a measure.
const grains: [number, number][] = [
  [0, 0.06], [0.1, 0.14], [-0.2, 0.2], [0.3, 0.27], [-0.1, 0.33], [0.1, 0.42], [-0.45, 0.46], [0.42, 0.5], [-0.2, 0.56],
  [0.16, 0.6], [-0.6, 0.66], [0.62, 0.69], [-0.32, 0.72], [0.34, 0.76], [0, 0.74], [-0.75, 0.83], [-0.48, 0.86],
  [-0.16, 0.88], [0.14, 0.85], [0.5, 0.87], [0.78, 0.84], [-0.84, 0.95], [-0.58, 0.96], [-0.3, 0.95], [0, 0.96],
  [0.28, 0.95], [0.6, 0.96], [0.86, 0.94],
];

function Sides({ centre, y0, y1, half, dashed = false }: { centre: number; y0: number; y1: number; half: (y: number) => number; dashed?: boolean }) {
  const side = (sign: number) => {
    const points: string[] = [];
    for (let i = 0; i <= 40; ++i) {
      const y = y0 + ((y1 - y0) * i) / 40;
      points.push(`${(centre + sign * half(y)).toFixed(2)} ${y.toFixed(2)}`);
    }
    return `M${points.join('L')}`;
  };
  return <path d={`${side(-1)}${side(1)}`} className={`hg-glass${dashed ? ' dashed' : ''}`} />;
}

export function SvgLink({ to, label, children, testId }: { to: string; label: string; children: ReactNode; testId?: string }) {
  const href = useHref(to);
  const navigate = useNavigate();
  return (
    <a
      href={href}
      aria-label={label}
      data-testid={testId}
      className="svg-link"
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </a>
  );
}
