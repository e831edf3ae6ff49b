import { Button, Select } from 'antd';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { useMay } from '../api/access';
import { useBrandValue, useFit, useFits, useStopFit } from '../api/queries';
import type { BrandValue, Fit, FitDesk, ValueSums } from '../api/types';
import { formatCount, formatDay, formatDelta, formatFixed, formatMoney, formatShare } from '../lib/format';
import { driftOf, heldBy, holdersOf, interval, totalChange } from '../lib/value';
import type { TextKey } from '../i18n/text';
import { Empty, ErrorState, Loading, Panel, Term, TierBadge } from '../ui/bits';
import { FitDetails, FitLine } from '../ui/FitDetails';
import { useTitle } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

const LorenzChart = lazy(() => import('../charts/LorenzChart'));

const kModels = ['likeliest', 'bg_nbd', 'mbg_nbd', 'bg_cnbd_k', 'mbg_cnbd_k'] as const;

/** What everybody is worth: in three parts, by tier and cohort, how it is spread, and which fits say so. */
export default function ValuePage() {
  const { t, language } = usePreferences();
  useTitle(t('nav.value'));
  const value = useBrandValue();
  const data = value.data;
  return (
    <div className="page value-page">
      <div className="page-head">
        <div>
          <h1>{t('nav.value')}</h1>
          <p className="lead">{t('value.lead', { n: data?.rules.horizon_days ?? 365 })}</p>
        </div>
        {data?.as_of && (
          <p className="muted value-as-of">
            {t('value.as_of', { day: formatDay(data.as_of, language) })}
            {data.fit && <><br /><FitLine fit={data.fit} /></>}
          </p>
        )}
      </div>
      {value.isPending && <Loading rows={8} />}
      {value.isError && <ErrorState error={value.error} retry={() => void value.refetch()} />}
      {data && !data.summary && <Panel><Empty title={t('value.not_yet')}>{t('why_not.no_fit')}</Empty></Panel>}
      {data?.summary && <Summary data={data} summary={data.summary} />}
      <FitsPanel />
    </div>
  );
}

type Sum = NonNullable<BrandValue['summary']>;

function Summary({ data, summary }: { data: BrandValue; summary: Sum }) {
  const { t, language } = usePreferences();
  const money = (minor: number | null) => formatMoney(minor, data.currency.code, language, data.currency.minor_digits);
  const all = summary.all;
  const top = heldBy(summary.lorenz_bp, 20);
  const spending = data.fit?.spending !== null;
  const says = t('value.lorenz_says', { share: formatShare(top, 10_000, language), n: holdersOf(summary.lorenz_bp, 8000) });
  return (
    <>
      <div className="value-parts">
        <Figure label={<Term word="own_value" />} value={spending ? money(all.own_minor) : t('value.not_yet')}
          note={spending ? <><Term word="interval">{t('value.interval')}</Term> {interval(summary.own_least_minor, summary.own_most_minor, data.currency, language)}</> : t('why_not.no_spending')} />
        <Figure label={<Term word="fission_value" />} value={spending ? money(all.fission_minor) : t('value.not_yet')} note={spending ? t('value.fission_of_own') : t('why_not.no_spending')} />
        <Figure label={<Term word="derived_value" />} value={data.priced ? money(all.derived_minor) : t('value.not_yet')}
          note={data.priced ? t('value.derived_formula', { n: data.rules.derived_days, order: money(data.rules.typical_order_minor) }) : t('why_not.no_tariff')} />
        <Figure label={t('value.still_there')} value={formatCount(all.alive_milli / 1000, language)}
          note={t('value.of_customers', { n: all.customers, purchases: formatCount(all.next_365_milli / 1000, language) })} />
      </div>
      <div className="columns">
        <Panel title={<Term word="lorenz">{t('value.lorenz')}</Term>} extra={<span className="muted num">{t('value.gini', { n: formatFixed(summary.gini_bp / 10_000, language, 2) })}</span>}>
          {spending ? (
            <>
              <p className="value-says">{says}</p>
              <Suspense fallback={<Loading rows={6} />}><LorenzChart lorenz_bp={summary.lorenz_bp} label={says} /></Suspense>
            </>
          ) : <p className="muted">{t('why_not.no_spending')}</p>}
        </Panel>
        <Panel title={t('value.by_tier')}>
          <SumsTable head={t('value.tier')} money={money} total={all.own_minor}
            rows={[...summary.tiers].reverse().map((one) => ({
              key: one.tier, sums: one,
              name: <Link to={`/people?tier=${one.tier}&sort=value&desc=true&columns=id,tier,index,p_alive,expected_365,own_value,fission_value,derived_value,value`}><TierBadge tier={one.tier} /></Link>,
            }))} />
          <p className="muted small">{t('value.by_tier_hint')}</p>
        </Panel>
      </div>
      <Panel title={t('value.by_cohort')}>
        <SumsTable head={t('value.first_purchase')} money={money} total={all.own_minor}
          rows={[...summary.cohorts].reverse().map((one) => ({
            key: `${one.year}-${one.quarter}`, sums: one, name: <span className="num nowrap">{t('value.quarter', { year: String(one.year), n: String(one.quarter) })}</span>,
          }))} />
      </Panel>
    </>
  );
}

function Figure({ label, value, note }: { label: ReactNode; value: ReactNode; note: ReactNode }) {
  return (
    <Panel className="value-part" title={label} extra={<span className="big num">{value}</span>}>
      <p className="muted small">{note}</p>
    </Panel>
  );
}

function SumsTable({ head, rows, money, total }: {
  head: string; rows: { key: string; name: ReactNode; sums: ValueSums }[]; money: (minor: number | null) => string; total: number;
}) {
  const { t, language } = usePreferences();
  return (
    <div className="scroll-x">
      <table className="table compact sums">
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col" className="right">{t('value.customers')}</th>
            <th scope="col" className="right">{t('value.alive_short')}</th>
            <th scope="col" className="right">{t('term.own_value')}</th>
            <th scope="col" className="right">{t('value.share')}</th>
            <th scope="col" className="right">{t('value.each')}</th>
            <th scope="col" className="right">{t('term.fission_value')}</th>
            <th scope="col" className="right">{t('term.derived_value')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, sums }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td className="num right">{formatCount(sums.customers, language)}</td>
              <td className="num right">{sums.customers === 0 ? '–' : formatShare(sums.alive_milli / 1000, sums.customers, language)}</td>
              <td className="num right">{money(sums.own_minor)}</td>
              <td className="num right">{formatShare(sums.own_minor, total, language)}</td>
              <td className="num right">{sums.valued === 0 ? '–' : money(Math.round(sums.own_minor / sums.valued))}</td>
              <td className="num right">{money(sums.fission_minor)}</td>
              <td className="num right">{money(sums.derived_minor)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Fits, newest first: what they found, whether they converged, how far they moved; and the next one. */
function FitsPanel() {
  const { t } = usePreferences();
  const may = useMay('decide');
  const fits = useFits();
  const fit = useFit();
  const stop = useStopFit();
  const [model, setModel] = useState<string>('likeliest');
  const running = fits.data?.running ?? false;
  return (
    <Panel
      title={t('fit.title')}
      extra={may && (
        <div className="filters">
          <Select aria-label={t('fit.model')} className="model-select" value={model} onChange={setModel} disabled={running}
            options={kModels.map((one) => ({ value: one, label: t(`fit.choice.${one}` as TextKey) }))} />
          {running
            ? <Button danger loading={stop.isPending} onClick={() => stop.mutate()}>{t('fit.stop')}</Button>
            : <Button type="primary" loading={fit.isPending} onClick={() => fit.mutate(model)}>{t('fit.refit')}</Button>}
        </div>
      )}
    >
      <p className="muted">{t('fit.lead')}</p>
      {fit.isError && <ErrorState error={fit.error} />}
      {stop.isError && <ErrorState error={stop.error} />}
      {fits.isPending && <Loading rows={3} />}
      {fits.isError && <ErrorState error={fits.error} />}
      {fits.data && <Doing desk={fits.data} />}
      {fits.data && fits.data.fits.length === 0 && !running && <p className="muted">{t('fit.none')}</p>}
      {fits.data && <ul className="fits">{fits.data.fits.map((one) => <FitRow key={one.number} fit={one} inUse={fits.data.used === one.number} />)}</ul>}
    </Panel>
  );
}

function Doing({ desk }: { desk: FitDesk }) {
  const { t, language } = usePreferences();
  const work = desk.current;
  if (!work) {
    return desk.last && desk.last.ok === false ? <p role="status" className="muted">{t('fit.ended', { why: desk.last.message ?? '' })}</p> : null;
  }
  const share = work.total ? work.done / work.total : 0;
  return (
    <div className="work" role="status">
      <p>{t(`fit.phase.${work.phase === '' ? 'begin' : work.phase}` as TextKey)} {work.phase === 'fit' ? <span className="muted">{work.detail}</span> : null}</p>
      <div className="work-bar"><span style={{ width: `${share * 100}%` }} /></div>
      <p className="muted small num">{work.total ? `${formatCount(work.done, language)} / ${formatCount(work.total, language)}` : ''}</p>
    </div>
  );
}

function FitRow({ fit, inUse }: { fit: Fit; inUse: boolean }) {
  const { t, language } = usePreferences();
  const parameters = [...(fit.buying?.parameters ?? []), ...(fit.spending?.parameters ?? [])];
  const moved = parameters.filter((one) => driftOf(one) === 'moved').map((one) => one.name);
  const compared = parameters.some((one) => one.drift !== null);
  const change = totalChange(fit);
  return (
    <li>
      <details>
        <summary>
          <span className="num">{formatDay(fit.as_of, language)}</span>
          <strong>{fit.buying?.model ?? '–'}</strong>
          {inUse && <span className="tag in-use">{t('fit.in_use')}</span>}
          <span className={fit.used ? 'muted' : 'wrong'}>{fit.used ? t('fit.converged') : t('fit.not_used')}</span>
          <span className="muted">{t(`fit.cause.${fit.cause}` as TextKey)}</span>
          {compared && <span className={moved.length > 0 ? 'moved' : 'muted'}>{moved.length > 0 ? t('fit.moved', { names: moved.join(', ') }) : t('fit.still')}</span>}
          {change !== null && <span className="muted num">{t('fit.total_change', { change: formatDelta(change * 100, language, 1) })}</span>}
        </summary>
        <FitDetails fit={fit} />
      </details>
    </li>
  );
}
