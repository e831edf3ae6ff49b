import { Button, Segmented, Select, Tooltip } from 'antd';
import { useProductDemand, useProductPeople } from '../api/demand';
import type { DemandRow, DemandShare, ProductDemand } from '../api/types';
import { showHidden } from '../lib/escape';
import { formatCount, formatDay, formatFixed, formatShare } from '../lib/format';
import type { TextKey } from '../i18n/text';
import { Empty, ErrorState, Loading, PersonLink, TierBadge } from '../ui/bits';
import { EventLink } from '../ui/EventDrawer';
import { useMedia, useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';
import { Weeks } from './DemandPage';
import { Chance, ProductName } from './PersonNeeds';

const kCrowds = ['buyers', 'repeaters', 'entered', 'converted', 'due', 'wanting', 'ideas', 'rated'] as const;
const kWithChance = new Set(['buyers', 'repeaters', 'due']);

/** A share as believed, with the interval and what it was seen in on hover. Nothing seen: a dash. */
export function ShareFigure({ share, long = false }: { share: DemandShare; long?: boolean }) {
  const { t, language } = usePreferences();
  const percent = (bp: number) => formatShare(bp, 10_000, language);
  if (share.of === 0) return <span className="muted">–</span>;
  const interval = `${percent(share.least_bp)} – ${percent(share.most_bp)}`;
  return (
    <Tooltip title={t('demand.share', { interval, happened: share.happened, of: share.of })}>
      <span className="share" tabIndex={0}>{percent(share.mean_bp)}{long && <span className="muted"> {interval}</span>}</span>
    </Tooltip>
  );
}

/** One product: its figures, what goes with it, and the people behind each figure. */
export function ProductView({ product, margin, loss }: { product: string; margin: number; loss: number }) {
  const { t, language } = usePreferences();
  const answer = useProductDemand(product, margin, loss);
  if (answer.isPending) return <Loading rows={10} />;
  if (answer.isError) return <ErrorState error={answer.error} retry={() => void answer.refetch()} />;
  const row = answer.data.row;
  return (
    <article className="product-view" data-testid="product">
      <h2>{showHidden(row.title ?? row.product)}</h2>
      {row.title && row.title !== row.product && <p><code className="muted">{showHidden(row.product)}</code></p>}
      <div className="product-weeks"><Weeks weeks={row.weeks} wide /><span className="muted">{t('demand.weeks')}</span></div>
      <Figures data={answer.data} />
      {answer.data.goes_with.length > 0 && (
        <>
          <h3>{t('demand.goes_with')}</h3>
          <ul className="reasons">
            {answer.data.goes_with.map((pair) => (
              <li key={pair.product}>
                <ProductName product={pair.product} title={pair.title} />{' '}
                <span className="muted">{t('need.together', { n: pair.together, lift: formatFixed(pair.lift_milli / 1000, language, 1) })}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Crowd product={product} row={row} />
    </article>
  );
}

function Figures({ data }: { data: ProductDemand }) {
  const { t, language } = usePreferences();
  const row = data.row;
  const milli = (value: number) => formatFixed(value / 1000, language, value < 10_000 ? 1 : 0);
  const lines: [string, React.ReactNode][] = [
    [t('demand.forecast_n', { n: data.horizon_days ?? 0 }), <>{milli(row.forecast.mean_milli)} <span className="muted">({milli(row.forecast.least_milli)} – {milli(row.forecast.most_milli)})</span></>],
    [t('demand.again'), milli(row.again_milli)],
    [t('demand.fresh'), milli(row.fresh_milli)],
    [t('demand.order'), formatCount(row.order_units, language)],
    [t('demand.converts'), <ShareFigure share={row.converts} long />],
    [t('demand.repeats'), <ShareFigure share={row.repeats} long />],
    [t('demand.look_buys'), <ShareFigure share={row.look_buys} long />],
    [t('demand.rating'), <ShareFigure share={row.rating} long />],
    [t('demand.buyers'), formatCount(row.buyers, language)],
    [t('demand.units_sold'), `${formatCount(row.units, language)}${row.returned_units > 0 ? ` (${t('demand.returned', { n: row.returned_units })})` : ''}`],
    [t('demand.nobody'), formatCount(row.nobody_purchases, language)],
  ];
  return <dl className="facts">{lines.map(([name, value]) => <div key={name}><dt>{name}</dt><dd className="num">{value}</dd></div>)}</dl>;
}

/** The people behind one of the figures; which one stands in the address. */
function Crowd({ product, row }: { product: string; row: DemandRow }) {
  const { t, language } = usePreferences();
  const [params, setUrl] = useUrl();
  const narrow = useMedia('(max-width: 900px)');
  const asked = params.get('of') ?? 'buyers';
  const known = [...kCrowds, 'looked', 'cart', 'wish'] as string[];
  const of = known.includes(asked) ? asked : 'buyers';
  const people = useProductPeople(product, of);
  const rows = people.data?.pages.flatMap((page) => page.rows) ?? [];
  const total = people.data?.pages[0]?.total ?? 0;
  const options = (kCrowds as readonly string[]).concat((kCrowds as readonly string[]).includes(of) ? [] : [of]).map((value) => ({ value, label: t(`crowd.${value}` as TextKey) }));
  const choose = (value: string) => setUrl({ of: value === 'buyers' ? null : value }, true);
  return (
    <section>
      <h3>{t('crowd.title', { n: total })}</h3>
      {narrow ? <Select aria-label={t('crowd.label')} value={of} options={options} onChange={choose} /> : <Segmented size="small" aria-label={t('crowd.label')} value={of} options={options} onChange={choose} />}
      {people.isPending && <Loading rows={4} />}
      {people.isError && <ErrorState error={people.error} retry={() => void people.refetch()} />}
      {people.data && total === 0 && <Empty title={t('crowd.none')} />}
      {rows.length > 0 && (
        <div className="scroll-x" tabIndex={0}>
          <table className="table" data-product={row.product}>
            <thead>
              <tr>
                <th scope="col">{t('column.person')}</th>
                <th scope="col">{t('column.tier')}</th>
                <th scope="col">{t(of === 'due' ? 'due.expected' : 'column.day')}</th>
                <th scope="col" className="right">{t('crowd.times')}</th>
                {kWithChance.has(of) && <th scope="col" className="right">{t('crowd.chance')}</th>}
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.id}>
                  <td><PersonLink id={one.id} /></td>
                  <td><TierBadge tier={one.tier} /></td>
                  <td className="num nowrap"><EventLink ordinal={one.ordinal}>{formatDay(one.day, language)}</EventLink></td>
                  <td className="num right">{formatCount(one.times, language)}</td>
                  {kWithChance.has(of) && <td className="num right"><Chance bp={one.chance_bp} /></td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {people.hasNextPage && <div className="more"><Button loading={people.isFetching} onClick={() => void people.fetchNextPage()}>{t('demand.more', { shown: rows.length, total })}</Button></div>}
    </section>
  );
}
