import { DatePicker, Segmented } from 'antd';
import dayjs from 'dayjs';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router-dom';
import { useMay } from '../api/access';
import { useHourglass, useStatus } from '../api/queries';
import type { Hourglass, Status } from '../api/types';
import { FlowPicture, kNew, type FlowEdge } from '../charts/FlowPicture';
import { HourglassPicture } from '../charts/Hourglass';
import { addDays, daysBetween, formatCount, formatDay, isDay } from '../lib/format';
import { tierRank } from '../lib/tiers';
import { Delta, Empty, ErrorState, Loading, NotObservable, Panel, Term, TierStep } from '../ui/bits';
import { useTitle, useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

const TierSeries = lazy(() => import('../charts/TierSeries'));
const kPeriods = [30, 90, 365] as const;

/** The period that the URL names, by default the 30 days before the day the figures stand on. */
export function periodOf(params: URLSearchParams, asOf: string): { from: string; to: string; preset: number | null } {
  const to = params.get('to');
  const from = params.get('from');
  if (isDay(from) && isDay(to) && from < to) {
    const length = daysBetween(from, to);
    const preset = to === asOf && (kPeriods as readonly number[]).includes(length) ? length : null;
    return { from, to, preset };
  }
  const days = Number(params.get('days'));
  const preset = (kPeriods as readonly number[]).includes(days) ? days : 30;
  return { from: addDays(asOf, -preset), to: asOf, preset };
}

export default function HourglassPage() {
  const { t } = usePreferences();
  useTitle(t('nav.hourglass'));
  const status = useStatus();
  if (status.isPending) return <div className="page"><Loading rows={10} /></div>;
  if (status.isError) return <div className="page"><ErrorState error={status.error} retry={() => void status.refetch()} /></div>;
  if (!status.data.as_of) return <div className="page"><NothingYet /></div>;
  return <HourglassOf status={status.data} asOf={status.data.as_of} />;
}

function NothingYet() {
  const { t } = usePreferences();
  const manages = useMay('manage');
  return (
    <Empty title={t('hourglass.nothing')}>
      <p>{t('hourglass.nothing_hint')}</p>
      <code>guanxi import orders.csv</code>
      {manages && <p><Link to="/access?tab=sources">{t('hourglass.nothing_source')}</Link></p>}
    </Empty>
  );
}

function HourglassOf({ status, asOf }: { status: Status; asOf: string }) {
  const { t, language } = usePreferences();
  const [params] = useUrl();
  const period = periodOf(params, asOf);
  const hourglass = useHourglass(period.from, period.to, true);
  const data = hourglass.data;
  return (
    <div className="page hourglass-page">
      <div className="page-head">
        <div>
          <h1>{t('hourglass.title')}</h1>
          <p className="lead">
            {t('hourglass.lead', { from: formatDay(period.from, language), to: formatDay(period.to, language) })}
          </p>
        </div>
        <PeriodPicker period={period} asOf={asOf} firstDay={status.first_day ?? null} />
      </div>
      {hourglass.isError && <ErrorState error={hourglass.error} retry={() => void hourglass.refetch()} />}
      {!data && hourglass.isPending && <Loading rows={12} />}
      {data && <Screen data={data} asOf={asOf} stale={hourglass.isPlaceholderData} />}
    </div>
  );
}

function PeriodPicker({ period, asOf, firstDay }: { period: ReturnType<typeof periodOf>; asOf: string; firstDay: string | null }) {
  const { t } = usePreferences();
  const [, setUrl] = useUrl();
  return (
    <div className="period">
      <Segmented
        aria-label={t('period.label')}
        value={period.preset ?? 'custom'}
        options={[
          ...kPeriods.map((days) => ({ value: days, label: t('period.days', { n: days }) })),
          { value: 'custom', label: t('period.custom') },
        ]}
        onChange={(value) => {
          if (value === 'custom') setUrl({ days: null, from: addDays(period.from, -1), to: period.to });
          else setUrl({ days: value === 30 ? null : String(value), from: null, to: null });
        }}
      />
      <DatePicker.RangePicker
        aria-label={t('period.custom')}
        allowClear={false}
        value={[dayjs(period.from), dayjs(period.to)]}
        minDate={firstDay ? dayjs(addDays(firstDay, -1)) : undefined}
        maxDate={dayjs(asOf)}
        onChange={(range) => {
          const [from, to] = range ?? [];
          if (from && to && from.isBefore(to)) {
            setUrl({ days: null, from: from.format('YYYY-MM-DD'), to: to.format('YYYY-MM-DD') });
          }
        }}
      />
    </div>
  );
}

/** People's links: lists stand on the as-of day, conditions narrow them to the period. */
function useLinks(data: Hourglass) {
  return useMemo(() => {
    const people = (query: Record<string, string>) => {
      const text = new URLSearchParams(query).toString();
      return `/people${text ? `?${text}` : ''}`;
    };
    const period = { from: data.from ?? '', to: data.to ?? '' };
    const changes = (query: Record<string, string>) => `/changes?${new URLSearchParams({ ...period, ...query }).toString()}`;
    const entered = `first_seen > ${period.from}`;
    const customers = `first_order > ${period.from}`;
    // Who objects to profiling stands in no tier, though lists have them among those of none.
    const placed = data.no_profiling > 0 ? { where: 'not no_profiling' } : undefined;
    return {
      all: people({ ...placed }),
      unplaced: people({ where: 'no_profiling' }),
      tier: (tier: string) => people({ tier, ...(tier === 'none' ? placed : undefined) }),
      entered: people({ where: entered }),
      newcomers: people({ where: customers }),
      referred: people({ where: customers }),
      rises: changes({ direction: 'rise' }),
      falls: changes({ direction: 'fall' }),
      flow: (flow: FlowEdge) => {
        if (flow.from === kNew) return people({ tier: flow.to, where: entered });
        if (flow.from === flow.to) return people({ tier: flow.to, where: `tier_since <= ${period.from}` });
        return changes({ step: `${flow.from}-${flow.to}` });
      },
    };
  }, [data.from, data.to, data.no_profiling]);
}

function Screen({ data, asOf, stale }: { data: Hourglass; asOf: string; stale: boolean }) {
  const { t, language } = usePreferences();
  const [params, setUrl] = useUrl();
  const navigate = useNavigate();
  const links = useLinks(data);
  const everyone = params.get('flow') === 'all';
  const flows = useMemo<FlowEdge[]>(() => {
    const moved = data.flows.filter((flow) => everyone || flow.from !== flow.to);
    if (!everyone) return moved;
    return [...moved, ...data.entered_to.map((entry) => ({ from: kNew, to: entry.tier, people: entry.people }))];
  }, [data, everyone]);

  return (
    <div className={stale ? 'stale' : undefined} aria-busy={stale}>
      {data.to !== asOf && <p className="note">{t('hourglass.past_note', { to: formatDay(data.to, language), as_of: formatDay(asOf, language) })}</p>}
      <div className="figures">
        <Figure to={links.all} label={t('figure.people')} value={data.people_to} delta={data.people_to - data.people_from} testId="figure-people" />
        <Figure to={links.newcomers} label={t('figure.newcomers')} value={data.newcomers} />
        <Figure to={links.rises} label={t('figure.rises')} value={data.rises} tone="up" />
        <Figure to={links.falls} label={t('figure.falls')} value={data.falls} tone="down" />
        <Figure
          to={links.referred}
          label={t('figure.referred')}
          value={data.referral_observable ? data.referred_newcomers : null}
          note={data.referral_observable ? undefined : t('observable.short')}
        />
      </div>
      {data.no_profiling > 0 && (
        <p className="note">
          <Link to={links.unplaced}>{t('hourglass.no_profiling', { n: data.no_profiling })}</Link>
        </p>
      )}
      <div className="columns">
        <Panel title={<Term word="tier">{t('hourglass.panel')}</Term>} className="hourglass-panel">
          <HourglassPicture data={data} links={links} />
        </Panel>
        <Panel
          title={t('flow.title')}
          className="flow-panel"
          extra={
            <Segmented
              size="small"
              aria-label={t('flow.title')}
              value={everyone ? 'all' : 'moved'}
              options={[{ value: 'moved', label: t('flow.moved') }, { value: 'all', label: t('flow.all') }]}
              onChange={(value) => setUrl({ flow: value === 'all' ? 'all' : null }, true)}
            />
          }
        >
          {flows.some((flow) => flow.people > 0) ? (
            <FlowPicture flows={flows} leftTitle={formatDay(data.from, language)} rightTitle={formatDay(data.to, language)} linkTo={links.flow} height={340} />
          ) : (
            <Empty title={t('flow.nobody')} />
          )}
          <Moves data={data} linkTo={links.flow} rises={links.rises} falls={links.falls} />
        </Panel>
      </div>
      <Panel title={t('hourglass.series_title')}>
        <Suspense fallback={<Loading rows={6} />}>
          <TierSeries data={data} onTier={(tier) => navigate(links.tier(tier))} />
        </Suspense>
      </Panel>
      {data.unobservable.length > 0 && (
        <Panel title={<Term word="observable">{t('observable.title')}</Term>}>
          <p className="lead">{t('observable.lead')}</p>
          <NotObservable facts={data.unobservable} />
        </Panel>
      )}
    </div>
  );
}

function Figure({ to, label, value, delta, tone, note, testId }: {
  to: string; label: string; value: number | null; delta?: number; tone?: 'up' | 'down'; note?: ReactNode; testId?: string;
}) {
  const { language } = usePreferences();
  return (
    <Link to={to} className="figure" data-tone={tone} data-testid={testId}>
      <span className="figure-label">{label}</span>
      <span className={note ? 'figure-note' : 'figure-value num'}>{note ?? formatCount(value, language)}</span>
      {delta !== undefined && <Delta value={delta} plain />}
    </Link>
  );
}

/** Rises and falls by pair, the largest first: the same figures as the picture, as text. */
function Moves({ data, linkTo, rises, falls }: { data: Hourglass; linkTo: (flow: FlowEdge) => string; rises: string; falls: string }) {
  const { t, language } = usePreferences();
  const moved = data.flows.filter((flow) => flow.from !== flow.to && flow.people > 0);
  const sorted = (rise: boolean) =>
    moved.filter((flow) => tierRank(flow.to) > tierRank(flow.from) === rise).sort((a, b) => b.people - a.people);
  const largest = Math.max(1, ...moved.map((flow) => flow.people));
  const list = (rise: boolean, title: string, total: number, all: string) => (
    <div className="moves" data-sign={rise ? 'up' : 'down'}>
      <h3><Link to={all}>{title} <span className="num">{formatCount(total, language)}</span></Link></h3>
      {sorted(rise).length === 0 && <p className="muted">{t('flow.none')}</p>}
      <ul>
        {sorted(rise).slice(0, 6).map((flow) => (
          <li key={`${flow.from}-${flow.to}`}>
            <Link to={linkTo(flow)}>
              <TierStep from={flow.from} to={flow.to} />
              <span className="moves-bar" aria-hidden="true"><span style={{ width: `${(100 * flow.people) / largest}%` }} /></span>
              <span className="num">{formatCount(flow.people, language)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
  return (
    <div className="moves-columns">
      {list(true, t('figure.rises'), data.rises, rises)}
      {list(false, t('figure.falls'), data.falls, falls)}
    </div>
  );
}
