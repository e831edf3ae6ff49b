import type { ReactNode } from 'react';
import { usePersonValue } from '../api/queries';
import type { PersonValue } from '../api/types';
import { formatCount, formatDay, formatFixed, formatMoney, formatShare } from '../lib/format';
import { interval } from '../lib/value';
import type { TextKey } from '../i18n/text';
import { ErrorState, Loading, Panel, PersonLink, Term } from '../ui/bits';
import { AliveBar, FitDetails, FitLine } from '../ui/FitDetails';
import { useWordOf } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

/** What one person is worth, in three parts; every figure opens into how it was made. */
export function PersonValuePanel({ id }: { id: string }) {
  const { t, language } = usePreferences();
  const value = usePersonValue(id);
  if (value.isPending) return <Loading rows={8} />;
  if (value.isError) return <ErrorState error={value.error} retry={() => void value.refetch()} />;
  const data = value.data;
  const money = (minor: number | null) => formatMoney(minor, data.currency.code, language, data.currency.minor_digits);
  return (
    <div className="person-value" data-testid="person-value">
      <p className="lead">{t('value.person_lead', { n: data.rules.horizon_days, day: formatDay(data.as_of, language) })}</p>
      <div className="value-parts">
        <Part title={<Term word="own_value" />} minor={data.own.mean_minor} why={data.own.why_not} money={money}
          range={data.own.why_not ? null : interval(data.own.least_minor, data.own.most_minor, data.currency, language)}>
          <OwnMade data={data} money={money} />
        </Part>
        <Part title={<Term word="fission_value" />} minor={data.fission.mean_minor} why={data.fission.why_not} money={money}
          range={data.fission.why_not || data.fission.people === 0 ? null : interval(data.fission.least_minor, data.fission.most_minor, data.currency, language)}>
          <FissionMade data={data} money={money} />
        </Part>
        <Part title={<Term word="derived_value" />} minor={data.derived.mean_minor} why={data.derived.why_not} money={money} range={null}>
          <DerivedMade data={data} money={money} />
        </Part>
      </div>
      <Panel title={t('value.total')} extra={<span className="big num">{money(data.total_minor)}</span>}>
        <Expected data={data} />
      </Panel>
      <Panel title={t('value.by_fit')} extra={data.fit ? <FitLine fit={data.fit} /> : null}>
        {data.fit ? <details><summary>{t('value.parameters')}</summary><FitDetails fit={data.fit} /></details> : <p className="muted">{t('why_not.no_fit')}</p>}
      </Panel>
    </div>
  );
}

function Part({ title, minor, why, range, money, children }: {
  title: ReactNode; minor: number | null; why: string | null; range: string | null; money: (minor: number | null) => string; children: ReactNode;
}) {
  const { t } = usePreferences();
  return (
    <Panel title={title} className="value-part" extra={why ? <span className="muted">{t('value.not_yet')}</span> : <span className="big num">{money(minor)}</span>}>
      {why ? <p className="muted">{t(`why_not.${why}` as TextKey)}</p> : (
        <>
          {range && <p className="num value-range"><Term word="interval">{t('value.interval')}</Term> {range}</p>}
          <details>
            <summary>{t('value.how')}</summary>
            {children}
          </details>
        </>
      )}
    </Panel>
  );
}

function Expected({ data }: { data: PersonValue }) {
  const { t, language } = usePreferences();
  const { expected, history } = data;
  if (expected.why_not) return <p className="muted">{t(`why_not.${expected.why_not}` as TextKey)}</p>;
  const purchases = (milli: number | null) => formatFixed((milli ?? 0) / 1000, language, 2);
  return (
    <dl className="facts">
      <div><dt><Term word="p_alive">{t('value.alive')}</Term></dt><dd><AliveBar bp={expected.alive_bp ?? 0} /></dd></div>
      <div><dt>{t('value.next_90')}</dt><dd className="num">{purchases(expected.next_90_milli)}</dd></div>
      <div><dt>{t('value.next_365')}</dt><dd className="num">{purchases(expected.next_365_milli)}</dd></div>
      {history && <div><dt>{t('value.last_purchase')}</dt><dd className="num">{formatDay(history.last, language)}</dd></div>}
    </dl>
  );
}

function OwnMade({ data, money }: { data: PersonValue; money: (minor: number | null) => string }) {
  const { t, language } = usePreferences();
  const { own, history, rules } = data;
  return (
    <>
      <p className="formula num">
        {formatFixed((own.purchases_milli ?? 0) / 1000, language, 2)} × {formatShare(own.left_bp ?? 0, 10_000, language)} × {money(own.expected_spend_minor)} ≈ {money(own.mean_minor)}
      </p>
      <p className="muted small">{t('value.own_formula', { n: rules.horizon_days, share: formatShare(rules.discount_bp, 10_000, language) })}</p>
      <p className="small">{t('value.none', { share: formatShare(own.none_bp ?? 0, 10_000, language) })}</p>
      {history && (
        <dl className="facts">
          <div><dt><code>x</code> {t('value.x')}</dt><dd className="num">{formatCount(history.repeat_purchases, language)}</dd></div>
          <div><dt><code>t_x</code> {t('value.t_x')}</dt><dd className="num">{t('person.days', { n: history.recency_days })}</dd></div>
          <div><dt><code>T</code> {t('value.age')}</dt><dd className="num">{t('person.days', { n: history.age_days })}</dd></div>
          <div><dt>{t('value.first_purchase')}</dt><dd className="num">{formatDay(history.first, language)}</dd></div>
          <div><dt>{t('value.paid')}</dt><dd className="num">{money(history.paid_minor)}</dd></div>
          <div><dt>{t('value.mean_spend', { n: history.spend_purchases })}</dt><dd className="num">{history.spend_purchases === 0 ? '–' : money(history.mean_spend_minor)}</dd></div>
        </dl>
      )}
    </>
  );
}

function FissionMade({ data, money }: { data: PersonValue; money: (minor: number | null) => string }) {
  const { t, language } = usePreferences();
  const { fission, rules } = data;
  if (fission.people === 0) return <p className="muted">{t('value.brought_nobody')}</p>;
  return (
    <>
      <p className="muted small">{t('value.fission_formula', { share: formatShare(rules.second_degree_bp, 10_000, language) })}</p>
      <div className="scroll-x">
        <table className="table compact">
          <thead>
            <tr>
              <th scope="col">{t('value.brought')}</th>
              <th scope="col" className="right">{t('value.worth')}</th>
              <th scope="col" className="right">{t('value.share')}</th>
              <th scope="col" className="right">{t('value.counted')}</th>
            </tr>
          </thead>
          <tbody>
            {fission.brought.map((one, i) => (
              <tr key={i}>
                <td>
                  {one.id ? <PersonLink id={one.id} /> : t('value.restricted')}
                  {one.through && <span className="muted small block">{t('value.through')} <PersonLink id={one.through} /></span>}
                </td>
                <td className="num right">{one.own_minor === null ? <span className="muted">{t(`why_not.short.${one.why_not ?? 'no_fit'}` as TextKey)}</span> : money(one.own_minor)}</td>
                <td className="num right">{formatShare(one.share_bp, 10_000, language)}</td>
                <td className="num right">{money(one.counted_minor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {fission.people > fission.brought.length && <p className="muted small">{t('value.more_people', { n: fission.people - fission.brought.length })}</p>}
    </>
  );
}

function DerivedMade({ data, money }: { data: PersonValue; money: (minor: number | null) => string }) {
  const { t, language } = usePreferences();
  const wordOf = useWordOf();
  const { derived, rules } = data;
  return (
    <>
      <p className="muted small">{t('value.derived_formula', { n: rules.derived_days, order: money(rules.typical_order_minor) })}</p>
      {derived.given.length === 0 ? <p className="muted">{t('value.gave_nothing')}</p> : (
        <table className="table compact">
          <tbody>
            {derived.given.map((one) => (
              <tr key={one.kind}>
                <td>{wordOf('kinds', one.kind)}</td>
                <td className="num right nowrap">{formatCount(one.events, language)} × {money(one.each_minor)}</td>
                <td className="num right">{money(one.sum_minor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
