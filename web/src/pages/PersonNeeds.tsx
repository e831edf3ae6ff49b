import { Link } from 'react-router-dom';
import { useNeeds } from '../api/demand';
import type { Need } from '../api/types';
import { showHidden } from '../lib/escape';
import { daysBetween, formatDay, formatFixed, formatShare } from '../lib/format';
import { Empty, ErrorState, Loading } from '../ui/bits';
import { EventLink } from '../ui/EventDrawer';
import { usePreferences } from '../ui/preferences';

/** A product by its name, with its number where they differ. */
export function ProductName({ product, title }: { product: string; title?: string | null }) {
  return (
    <span className="product-name">
      <Link to={`/demand?product=${encodeURIComponent(product)}`}>{showHidden(title ?? product)}</Link>
      {title && title !== product && <code className="muted">{showHidden(product)}</code>}
    </span>
  );
}

/** What a person may buy next: every line with how likely it is and every reason for it. */
export function PersonNeeds({ id }: { id: string }) {
  const { t, language } = usePreferences();
  const needs = useNeeds(id);
  if (needs.isPending) return <Loading rows={6} />;
  if (needs.isError) return <ErrorState error={needs.error} retry={() => void needs.refetch()} />;
  const data = needs.data;
  if (data.objects) return <Empty title={t('need.objects')} />;
  return (
    <section className="needs" data-testid="needs">
      <p className="muted">
        {t('need.lead', { day: formatDay(data.day, language), n: data.horizon_days ?? 0 })}
        {data.note && <> {t('demand.note', { why: data.note })}</>}
      </p>
      {data.rows.length === 0 && <Empty title={t('need.none')} />}
      {data.rows.length > 0 && (
        <div className="scroll-x" tabIndex={0}>
          <table className="table needs-table">
            <thead>
              <tr>
                <th scope="col">{t('demand.product')}</th>
                <th scope="col" className="right">{t('need.chance', { n: data.horizon_days ?? 0 })}</th>
                <th scope="col">{t('need.why')}</th>
              </tr>
            </thead>
            <tbody>
              {data.rows.map((need) => (
                <tr key={need.product}>
                  <td><ProductName product={need.product} title={need.title} /></td>
                  <td className="right num"><Chance bp={need.chance_bp} /></td>
                  <td><Reasons need={need} asOf={data.day ?? ''} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

export function Chance({ bp }: { bp: number }) {
  const { language } = usePreferences();
  return (
    <span className="chance">
      {formatShare(bp, 10_000, language)}
      <span className="track" aria-hidden="true"><span className="fill" style={{ width: `${Math.min(100, bp / 100)}%` }} /></span>
    </span>
  );
}

function Reasons({ need, asOf }: { need: Need; asOf: string }) {
  const { t, language } = usePreferences();
  const { due, goes_with: goes, looked } = need;
  const late = due ? daysBetween(due.expected, asOf) : 0;
  return (
    <ul className="reasons">
      {due && (
        <li>
          <strong data-late={late > 0}>{late > 0 ? t('need.overdue', { n: late }) : t('need.due', { day: formatDay(due.expected, language) })}</strong>{' '}
          <span className="muted">{t('need.interval', { least: formatDay(due.least, language), most: formatDay(due.most, language) })}</span>
          {' · '}{t('need.bought', { n: due.bought_days, gap: formatFixed(due.typical_gap_milli / 1000, language, 0) })}
          {' · '}<EventLink ordinal={due.last_ordinal}>{t('need.last', { day: formatDay(due.last_bought, language) })}</EventLink>
        </li>
      )}
      {goes && (
        <li>
          {t('need.goes_with')} <ProductName product={goes.product} title={goes.title} />
          {goes.together > 0 && <span className="muted"> · {t('need.together', { n: goes.together, lift: formatFixed(goes.lift_milli / 1000, language, 1) })}{goes.surprise_milli <= 10_830 && ` · ${t('need.by_chance')}`}</span>}
        </li>
      )}
      {looked && (
        <li>
          <EventLink ordinal={looked.ordinal}>{t(`need.signal_${looked.signal}`, { n: looked.looks, day: formatDay(looked.last_look, language) })}</EventLink>
        </li>
      )}
    </ul>
  );
}
