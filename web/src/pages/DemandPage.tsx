import { Button, Drawer, Input, InputNumber, Tabs } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useMay } from '../api/access';
import { useBuildDemand, useCancelDemand, useDemand, type BoardQuery } from '../api/demand';
import type { Currency, DemandBoard, DemandRow } from '../api/types';
import { showHidden } from '../lib/escape';
import { formatCount, formatDay, formatFixed, formatMoment, formatShare } from '../lib/format';
import type { TextKey } from '../i18n/text';
import { Empty, ErrorState, Loading, Panel, Term } from '../ui/bits';
import { EventDrawer } from '../ui/EventDrawer';
import { tabOf, useMedia, useSettled, useTitle, useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';
import { ProductView, ShareFigure } from './DemandProduct';
import { ReplenishmentList } from './Replenishment';

const kTabs = ['products', 'candidates', 'replenishment'] as const;
const kBoard = ['product', 'forecast', 'order', 'due', 'converted', 'repeats', 'look_buys', 'rating', 'units_sold', 'weeks'] as const;
const kCandidates = ['product', 'wanting', 'cart', 'wish', 'looked', 'ideas', 'look_buys', 'forecast'] as const;
type ColumnKey = (typeof kBoard)[number] | (typeof kCandidates)[number];
const kSortOf: Partial<Record<ColumnKey, string>> = {
  product: 'product', forecast: 'forecast', due: 'due', converted: 'converted', repeats: 'repeats', look_buys: 'look_buys',
  rating: 'rating', units_sold: 'units_sold', wanting: 'wanting', ideas: 'ideas',
};

/** What products do for the brand, what they will be asked for, and who is behind every figure. */
export default function DemandPage() {
  const { t } = usePreferences();
  useTitle(t('nav.demand'));
  const [params, setUrl] = useUrl();
  const tab = tabOf(params.get('tab'), kTabs);
  const product = params.get('product');
  const event = Number(params.get('event') ?? '');
  const { query, margin, loss } = useBoardQuery(tab === 'candidates');
  const demand = useDemand(query);
  const head = demand.data?.pages[0];
  const rows = useMemo(() => demand.data?.pages.flatMap((page) => page.rows) ?? [], [demand.data]);
  const board = (columns: readonly ColumnKey[]) => (
    <>
      <Tools query={query} margin={margin} loss={loss} head={head} />
      {demand.isError && <ErrorState error={demand.error} retry={() => void demand.refetch()} />}
      {demand.isPending && <Loading rows={8} />}
      {head && head.day !== null && rows.length === 0 && <Empty title={t(query.q ? 'demand.no_match' : 'demand.nothing_wanted')} />}
      {rows.length > 0 && head && <BoardTable rows={rows} columns={columns} query={query} currency={head.currency} />}
      {demand.hasNextPage && (
        <div className="more"><Button loading={demand.isFetching} onClick={() => void demand.fetchNextPage()}>{t('demand.more', { shown: rows.length, total: head?.total ?? 0 })}</Button></div>
      )}
    </>
  );
  return (
    <div className="page demand-page">
      <Head board={head} />
      <Panel>
        <Tabs
          activeKey={tab}
          onChange={(key) => setUrl({ tab: key === 'products' ? null : key, sort: null, desc: null })}
          items={[
            { key: 'products', label: t('demand.products'), children: board(kBoard) },
            { key: 'candidates', label: t('demand.candidates'), children: <><p className="muted">{t('demand.candidates_lead')}</p>{board(kCandidates)}</> },
            { key: 'replenishment', label: t('due.title'), children: <ReplenishmentList /> },
          ]}
          destroyOnHidden
        />
      </Panel>
      <Drawer open={product !== null} onClose={() => setUrl({ product: null, of: null })} width="min(760px, 100vw)" title={t('demand.product')} destroyOnHidden>
        {product !== null && <ProductView key={product} product={product} margin={query.margin_minor} loss={query.loss_minor} />}
      </Drawer>
      <EventDrawer ordinal={params.get('event') !== null && Number.isSafeInteger(event) ? event : null} onClose={() => setUrl({ event: null })} />
    </div>
  );
}

/** Margin and loss may be in any unit of money: what counts is how they compare. */
function positive(text: string | null, fallback: number): number {
  const value = Number(text ?? '');
  return Number.isFinite(value) && value > 0 ? value : fallback;
}

function useBoardQuery(wanted: boolean): { query: BoardQuery; margin: number; loss: number } {
  const [params] = useUrl();
  const margin = positive(params.get('margin'), 1);
  const loss = positive(params.get('loss'), 1);
  const usual = wanted ? 'wanting' : 'forecast';
  const sort = params.get('sort') ?? usual;
  const query = useMemo(
    () => ({
      q: params.get('q') ?? '', sort, desc: params.get('desc') === null ? sort !== 'product' : params.get('desc') !== 'false', wanted,
      margin_minor: Math.max(1, Math.round(margin * 100)), loss_minor: Math.max(1, Math.round(loss * 100)),
    }),
    [params, sort, wanted, margin, loss],
  );
  return { query, margin, loss };
}

function Head({ board }: { board: DemandBoard | undefined }) {
  const { t, language, named } = usePreferences();
  const may = useMay('decide');
  const build = useBuildDemand();
  const cancel = useCancelDemand();
  const [horizon, setHorizon] = useState<number | null>(null);
  const running = board?.work.current ?? null;
  const days = horizon ?? board?.horizon_days ?? 28;
  const failed = !running && board?.work.last?.ok === false ? board.work.last.message : null;
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{t('demand.title')}</h1>
          <p className="lead" role="status">
            {board?.day ? t('demand.lead', { day: formatDay(board.day, language), n: board.horizon_days ?? 0 }) : board ? t('demand.not_yet') : t('state.loading')}
            {board?.built_at && ` · ${t('demand.built', { at: formatMoment(board.built_at, language), seconds: formatFixed((board.built_in_ms ?? 0) / 1000, language, 1) })}`}
          </p>
        </div>
        {may && (
          <div className="demand-build">
            {running ? (
              <>
                <span className="num">{named('demand.phase', running.phase)} {running.total ? formatShare(running.done, running.total, language) : ''}</span>
                <Button onClick={() => cancel.mutate()} loading={cancel.isPending}>{t('demand.cancel')}</Button>
              </>
            ) : (
              <>
                <InputNumber aria-label={t('demand.horizon')} min={1} max={365} precision={0} value={days} onChange={setHorizon} addonAfter={t('demand.days')} />
                <Button onClick={() => build.mutate(days)} loading={build.isPending}>{t('demand.rebuild')}</Button>
              </>
            )}
          </div>
        )}
      </div>
      {failed && <p className="strip quiet" role="status">{t('demand.failed', { why: failed })}</p>}
      {board?.note && <p className="strip quiet" role="status">{t('demand.note', { why: board.note })}</p>}
      {board?.check && board.check.products > 0 && <Check board={board} />}
    </>
  );
}

/** How the forecast of the period before came out, in words. */
function Check({ board }: { board: DemandBoard }) {
  const { t, language } = usePreferences();
  const check = board.check;
  if (!check) return null;
  return (
    <p className="muted demand-check">
      {t('demand.check', {
        day: formatDay(check.stand, language), n: board.horizon_days ?? 0, expected: Math.round(check.expected_milli / 1000), came: check.came,
        within: formatShare(check.within_bp, 10_000, language), products: check.products,
      })}{' '}
      <Term word="demand_interval">{t('demand.assumes')}</Term>
    </p>
  );
}

function Tools({ query, margin, loss, head }: { query: BoardQuery; margin: number; loss: number; head: DemandBoard | undefined }) {
  const { t, language } = usePreferences();
  const [, setUrl] = useUrl();
  const [text, setText] = useState(query.q);
  const settled = useSettled(text, 300);
  useEffect(() => {
    if (settled !== query.q) setUrl({ q: settled || null }, true);
    // Follows typing only.
  }, [settled]);
  const price = (name: 'margin' | 'loss', value: number) => (
    <label>
      <span className="muted">{t(`demand.${name}`)}</span>
      <InputNumber min={0.01} value={value} controls={false} onChange={(next) => setUrl({ [name]: next && next !== 1 ? String(next) : null }, true)} />
    </label>
  );
  return (
    <div className="demand-tools">
      <Input allowClear className="search-text" maxLength={200} aria-label={t('demand.search')} placeholder={t('demand.search')} value={text} onChange={(event) => setText(event.target.value)} />
      {!query.wanted && (
        <>
          {price('margin', margin)}
          {price('loss', loss)}
          {head && <span className="muted num"><Term word="newsvendor">{t('demand.ratio', { share: formatShare(head.critical_ratio_bp, 10_000, language) })}</Term></span>}
        </>
      )}
      {head && <span className="muted num demand-total">{t('demand.total', { n: head.total })}</span>}
    </div>
  );
}

function BoardTable({ rows, columns, query, currency }: { rows: DemandRow[]; columns: readonly ColumnKey[]; query: BoardQuery; currency: Currency }) {
  const { t } = usePreferences();
  const [, setUrl] = useUrl();
  const narrow = useMedia('(max-width: 640px)');
  const shown = narrow ? columns.slice(0, 2) : columns;
  const most = Math.max(1, ...rows.map((row) => row.forecast.most_milli));
  const sortBy = (sort: string) => setUrl(query.sort === sort ? { desc: query.desc ? 'false' : 'true' } : { sort, desc: null });
  return (
    <div className="scroll-x" tabIndex={0}>
      <table className="table demand-table" data-currency={currency.code}>
        <thead>
          <tr>
            {shown.map((column) => {
              const sort = kSortOf[column];
              const sorted = sort !== undefined && query.sort === sort;
              return (
                <th key={column} scope="col" className={column === 'product' ? undefined : 'right'} aria-sort={sorted ? (query.desc ? 'descending' : 'ascending') : undefined}>
                  {sort ? (
                    <button type="button" className="sort" title={t('people.sort_by', { column: t(`demand.${column}` as TextKey) })} onClick={() => sortBy(sort)}>
                      {t(`demand.${column}` as TextKey)} <span aria-hidden="true" className="sort-mark">{sorted ? (query.desc ? '▼' : '▲') : ''}</span>
                    </button>
                  ) : t(`demand.${column}` as TextKey)}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.product}>
              {shown.map((column) => (
                <td key={column} className={column === 'product' ? 'product-cell' : 'right num'}><Cell column={column} row={row} most={most} /></td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ column, row, most }: { column: ColumnKey; row: DemandRow; most: number }) {
  const { language } = usePreferences();
  const [, setUrl] = useUrl();
  const open = (of: string, content: string) => (
    <button type="button" className="event-link" onClick={() => setUrl({ product: row.product, of })}>{content}</button>
  );
  switch (column) {
    case 'product':
      return (
        <button type="button" className="product-open" onClick={() => setUrl({ product: row.product, of: null })}>
          <span>{showHidden(row.title ?? row.product)}</span>
          {row.title && row.title !== row.product && <code className="muted">{showHidden(row.product)}</code>}
        </button>
      );
    case 'forecast': return <Forecast row={row} most={most} />;
    case 'order': return <strong>{formatCount(row.order_units, language)}</strong>;
    case 'due': return open('due', formatCount(row.due_people, language));
    case 'converted':
      return <>{open('converted', formatCount(row.converts.happened, language))} <span className="muted">/</span> {open('entered', formatCount(row.converts.of, language))} <ShareFigure share={row.converts} /></>;
    case 'repeats': return <ShareFigure share={row.repeats} />;
    case 'look_buys': return <ShareFigure share={row.look_buys} />;
    case 'rating': return <ShareFigure share={row.rating} />;
    case 'units_sold': return <>{formatCount(row.units, language)}</>;
    case 'weeks': return <Weeks weeks={row.weeks} />;
    case 'wanting': return open('wanting', formatCount(row.wanting.people, language));
    case 'cart': return open('cart', formatCount(row.wanting.cart, language));
    case 'wish': return open('wish', formatCount(row.wanting.wish, language));
    case 'looked': return open('looked', formatCount(row.wanting.looked, language));
    case 'ideas': return open('ideas', formatCount(row.wanting.ideas, language));
  }
}

/** Units with their interval, as figures and as a bar against the largest on the screen. */
function Forecast({ row, most }: { row: DemandRow; most: number }) {
  const { t, language } = usePreferences();
  const { mean_milli: mean, least_milli: least, most_milli: top } = row.forecast;
  const at = (milli: number) => `${(100 * milli) / most}%`;
  const units = (milli: number) => formatFixed(milli / 1000, language, milli < 10_000 ? 1 : 0);
  return (
    <span className="forecast" title={t('demand.interval', { least: units(least), most: units(top) })}>
      <strong>{units(mean)}</strong> <span className="muted">{units(least)}–{units(top)}</span>
      <span className="interval" aria-hidden="true">
        <span className="reach" style={{ left: at(least), width: at(top - least) }} />
        <span className="point" style={{ left: at(mean) }} />
      </span>
    </span>
  );
}

/** Purchases of the last weeks as a line. */
export function Weeks({ weeks, wide = false }: { weeks: number[]; wide?: boolean }) {
  const { t } = usePreferences();
  const most = Math.max(1, ...weeks);
  const width = wide ? 320 : 96;
  const height = wide ? 56 : 22;
  const points = weeks.map((count, i) => `${(i * width) / Math.max(1, weeks.length - 1)},${height - 1 - ((height - 3) * count) / most}`);
  return (
    <svg className="weeks" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('demand.weeks_label', { list: weeks.join(', ') })}>
      <polyline points={points.join(' ')} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
