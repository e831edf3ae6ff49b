import { useQueries } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { kPeopleBlock, peopleBlockQuery, type PeopleFilter } from '../api/queries';
import type { Currency, PersonRow } from '../api/types';
import { formatCount, formatDay, kAbsent, formatFixed, formatMoney, formatShare } from '../lib/format';
import { revealRow, scrolled, scrollerHeight, stateAt, visibleRows, type ScrollGeometry } from '../lib/scroll';
import type { TextKey } from '../i18n/text';
import { IndexBar, TierBadge, Velocity } from '../ui/bits';
import { useSettled } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';
import { showHidden } from '../lib/escape';

const kRowHeight = 38;
const kHeadHeight = 38;
const kMaxHeight = 8_000_000;
const kOverscan = 8;

export const kColumns = [
  'id', 'tier', 'velocity', 'index', 'trust', 'uncertainty', 'depth', 'orders', 'spent', 'events', 'first_seen',
  'last_order', 'silence_days', 'tier_since', 'next_due', 'next_due_product',
  'p_alive', 'expected_365', 'own_value', 'fission_value', 'derived_value', 'value',
  'class', 'grade', 'potential',
] as const;
export type ColumnName = (typeof kColumns)[number];
export const kDefaultColumns: ColumnName[] = [
  'id', 'tier', 'velocity', 'index', 'trust', 'orders', 'spent', 'last_order', 'tier_since',
];
export const kNarrowColumns: ColumnName[] = ['id', 'tier', 'index'];

const widths: Record<ColumnName, number> = {
  id: 190, tier: 132, velocity: 112, index: 150, trust: 84, uncertainty: 112, depth: 84, orders: 84, spent: 128,
  events: 84, first_seen: 122, last_order: 122, silence_days: 104, tier_since: 122, next_due: 122, next_due_product: 150,
  p_alive: 96, expected_365: 112, own_value: 120, fission_value: 120, derived_value: 120, value: 128,
  class: 84, grade: 76, potential: 120,
};
const leftAligned = new Set<ColumnName>(['id', 'tier', 'velocity', 'next_due_product']);

interface Props {
  filter: PeopleFilter;
  columns: ColumnName[];
  narrow: boolean;
  firstRow: number;
  selected: string | null;
  jump: { row: number; nonce: number } | null;
  onFirstRow: (row: number) => void;
  onSort: (column: ColumnName) => void;
  onOpen: (id: string) => void;
  onTotal: (total: number | null, asOf: string | null) => void;
  onError: (error: unknown) => void;
}

/** The people of the blocks in view; blocks that flew past while scrolling are not asked for. */
function useBlocks(filter: PeopleFilter, first: number, last: number) {
  const firstBlock = Math.floor(first / kPeopleBlock);
  const lastBlock = Math.max(firstBlock, Math.floor(Math.max(first, last - 1) / kPeopleBlock));
  const settled = useSettled(`${firstBlock}-${lastBlock}`, 70);
  const blocks = useMemo(() => {
    const [from, to] = settled.split('-').map(Number);
    const list: number[] = [];
    for (let block = from ?? 0; block <= (to ?? 0); ++block) list.push(block);
    return list;
  }, [settled]);
  const answers = useQueries({ queries: blocks.map((block) => peopleBlockQuery(filter, block)) });
  const rowAt = new Map<number, PersonRow>();
  for (const answer of answers) {
    answer.data?.rows.forEach((row, i) => rowAt.set((answer.data?.offset ?? 0) + i, row));
  }
  const loaded = answers.find((answer) => answer.data)?.data;
  const error = answers.find((answer) => answer.error)?.error ?? null;
  return { rowAt, loaded, error };
}

/** Where the scroller stands in a list of `rows`, and how it is moved. */
function useScroller(rows: number | null, filter: PeopleFilter, firstRow: number, jump: Props['jump']) {
  const scroller = useRef<HTMLDivElement>(null);
  const [viewHeight, setViewHeight] = useState(600);
  const [state, setState] = useState({ scrollTop: 0, shift: 0 });
  const [active, setActive] = useState(0);
  const wanted = useRef<number | null>(firstRow > 0 ? firstRow : null);
  const geometry = useMemo<ScrollGeometry>(
    () => ({ rows: rows ?? 0, rowHeight: kRowHeight, viewHeight, maxHeight: kMaxHeight }),
    [rows, viewHeight],
  );

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const measure = () => setViewHeight(Math.max(kRowHeight, element.clientHeight - kHeadHeight));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const moveTo = useCallback((next: { scrollTop: number; shift: number }) => {
    setState(next);
    if (scroller.current && scroller.current.scrollTop !== next.scrollTop) scroller.current.scrollTop = next.scrollTop;
  }, []);
  const showRow = useCallback(
    (row: number) => {
      setActive(row);
      moveTo(stateAt(geometry, row * kRowHeight));
    },
    [geometry, moveTo],
  );

  // Another filter or order begins at the top; a linked row is shown as soon as the size is known.
  const filterSeen = useRef(filter);
  useEffect(() => {
    if (filterSeen.current === filter) return;
    filterSeen.current = filter;
    setActive(0);
    moveTo({ scrollTop: 0, shift: 0 });
  }, [filter, moveTo]);
  useLayoutEffect(() => {
    if (rows === null || wanted.current === null) return;
    const row = Math.min(wanted.current, Math.max(0, rows - 1));
    wanted.current = null;
    showRow(row);
  }, [rows, showRow]);
  const jumped = useRef(jump);
  useEffect(() => {
    if (!jump || rows === null || jumped.current === jump) return;
    jumped.current = jump;
    showRow(Math.max(0, Math.min(jump.row, rows - 1)));
  }, [jump, rows, showRow]);

  const onScroll = (top: number) => setState((before) => (before.scrollTop === top ? before : scrolled(geometry, before, top)));
  return { scroller, geometry, state, active, setActive, moveTo, onScroll, settled: wanted.current === null };
}

/** A table over any number of people: rows are fetched in blocks as they come into view. */
export function PeopleGrid(props: Props) {
  const { filter, columns, narrow, selected, onFirstRow, onTotal, onError } = props;
  const { t } = usePreferences();
  const [known, setKnown] = useState<{ filter: PeopleFilter; total: number } | null>(null);
  const rows = known?.filter === filter ? known.total : null;
  const { scroller, geometry, state, active, setActive, moveTo, onScroll, settled } = useScroller(rows, filter, props.firstRow, props.jump);
  const visible = visibleRows(geometry, state, kOverscan);
  const { rowAt, loaded, error } = useBlocks(filter, visible.first, visible.last);

  useEffect(() => {
    if (loaded) setKnown((before) => (before?.filter === filter && before.total === loaded.total ? before : { filter, total: loaded.total }));
  }, [loaded, filter]);
  useEffect(() => onTotal(rows, loaded?.as_of ?? null), [rows, loaded?.as_of, onTotal]);
  useEffect(() => onError(error), [error, onError]);
  const firstShown = useSettled(Math.floor((state.scrollTop + state.shift) / kRowHeight), 400);
  useEffect(() => {
    if (rows !== null && settled) onFirstRow(firstShown);
  }, [firstShown, rows, settled, onFirstRow]);

  const onKey = (event: KeyboardEvent) => {
    if (rows === null || rows === 0 || event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(geometry.viewHeight / kRowHeight) - 1);
    const moves: Record<string, number> = {
      ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: rows - 1,
    };
    const next = moves[event.key];
    const person = rowAt.get(active);
    if (next !== undefined) {
      event.preventDefault();
      const row = Math.max(0, Math.min(rows - 1, next));
      setActive(row);
      moveTo(revealRow(geometry, state, row));
    } else if (event.key === 'Enter' && person) {
      event.preventDefault();
      props.onOpen(person.id);
    }
  };

  const template = columns.map((name, i) => trackOf(name, i === 0, narrow)).join(' ');
  const least = narrow ? undefined : columns.reduce((sum, name) => sum + widths[name], 0);
  const drawn = Array.from({ length: visible.last - visible.first }, (_, i) => visible.first + i);
  return (
    <div
      ref={scroller}
      className="grid"
      role="grid"
      aria-label={t('people.grid')}
      aria-rowcount={rows === null ? -1 : rows + 1}
      aria-colcount={columns.length}
      aria-activedescendant={rowAt.has(active) ? `person-row-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKey}
      onScroll={(event) => onScroll(event.currentTarget.scrollTop)}
    >
      <div className="grid-inner" style={{ minWidth: least }}>
        <div className="grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template, height: kHeadHeight }}>
          {columns.map((name) => <Head key={name} name={name} filter={filter} onSort={props.onSort} />)}
        </div>
        <div className="grid-body" role="rowgroup" style={{ height: scrollerHeight(geometry) }}>
          {drawn.map((row) => (
            <Row
              key={row}
              row={row}
              top={visible.top + (row - visible.first) * kRowHeight}
              person={rowAt.get(row) ?? null}
              columns={columns}
              template={template}
              currency={loaded?.currency ?? null}
              active={row === active}
              selected={selected !== null && rowAt.get(row)?.id === selected}
              onOpen={(id) => {
                setActive(row);
                props.onOpen(id);
              }}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function trackOf(name: ColumnName, first: boolean, narrow: boolean): string {
  if (narrow) return name === 'id' ? 'minmax(0,1fr)' : name === 'tier' ? '112px' : '96px';
  return `minmax(${widths[name]}px, ${first ? 1.6 : 1}fr)`;
}

function Head({ name, filter, onSort }: { name: ColumnName; filter: PeopleFilter; onSort: (column: ColumnName) => void }) {
  const { t } = usePreferences();
  const sorted = filter.sort === name;
  // What comes with the day beside it: nobody sorts by names of products.
  if (name === 'next_due_product') return <div role="columnheader" className="cell">{t('column.next_due_product')}</div>;
  return (
    <div
      role="columnheader"
      className={leftAligned.has(name) ? 'cell' : 'cell right'}
      aria-sort={sorted ? (filter.desc ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" className="sort" onClick={() => onSort(name)} title={t('people.sort_by', { column: t(`column.${name}` as TextKey) })}>
        <span>{t(`column.${name}` as TextKey)}</span>
        <span aria-hidden="true" className="sort-mark">{sorted ? (filter.desc ? '▼' : '▲') : ''}</span>
      </button>
    </div>
  );
}

interface RowProps {
  row: number;
  top: number;
  person: PersonRow | null;
  columns: ColumnName[];
  template: string;
  currency: Currency | null;
  active: boolean;
  selected: boolean;
  onOpen: (id: string) => void;
}

function Row({ row, top, person, columns, template, currency, active, selected, onOpen }: RowProps) {
  return (
    <div
      id={`person-row-${row}`}
      role="row"
      aria-rowindex={row + 2}
      aria-selected={selected}
      className={`grid-row${active ? ' active' : ''}${selected ? ' selected' : ''}${person ? '' : ' waiting'}`}
      style={{ gridTemplateColumns: template, height: kRowHeight, transform: `translateY(${top}px)` }}
      onClick={() => person && onOpen(person.id)}
    >
      {columns.map((name) => (
        <div key={name} role="gridcell" className={leftAligned.has(name) ? 'cell' : 'cell right num'}>
          {person ? <Cell name={name} person={person} currency={currency} /> : <span className="bone" />}
        </div>
      ))}
    </div>
  );
}

/** What is not known yet is no zero. */
function isFigure(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

function Money({ minor, currency }: { minor: number | null | undefined; currency: Currency | null }) {
  const { language } = usePreferences();
  return <>{isFigure(minor) ? formatMoney(minor, currency?.code, language, currency?.minor_digits) : '–'}</>;
}

function Cell({ name, person, currency }: { name: ColumnName; person: PersonRow; currency: Currency | null }) {
  const { language } = usePreferences();
  switch (name) {
    case 'id': return <span className="cell-id" title={person.id}>{showHidden(person.id)}</span>;
    case 'tier': return <TierBadge tier={person.tier} />;
    case 'velocity': return <Velocity velocity={person.velocity} />;
    case 'index': return <IndexBar milli={person.index_milli} tier={person.tier} />;
    case 'trust': return <>{formatFixed(person.trust_bp / 10_000, language, 2)}</>;
    case 'uncertainty': return <>{formatFixed(person.uncertainty_bp / 10_000, language, 2)}</>;
    case 'depth': return <>{formatFixed(person.depth_bp / 10_000, language, 2)}</>;
    case 'orders': return <>{formatCount(person.orders, language)}</>;
    case 'spent': return <>{formatMoney(person.spent_minor, currency?.code, language, currency?.minor_digits)}</>;
    case 'events': return <>{formatCount(person.events, language)}</>;
    case 'first_seen': return <>{formatDay(person.first_day, language)}</>;
    case 'last_order': return <>{formatDay(person.last_order_day, language)}</>;
    case 'silence_days': return <>{formatCount(person.silence_days, language)}</>;
    case 'tier_since': return <>{formatDay(person.tier_since, language)}</>;
    case 'next_due': return <>{formatDay(person.next_due, language)}</>;
    case 'next_due_product': return <span className="cell-id" title={person.next_due_product ?? ''}>{person.next_due_product ?? kAbsent}</span>;
    case 'p_alive': return <>{isFigure(person.alive_bp) ? formatShare(person.alive_bp, 10_000, language) : '–'}</>;
    case 'expected_365': return <>{isFigure(person.expected_365_milli) ? formatFixed(person.expected_365_milli / 1000, language, 1) : '–'}</>;
    case 'own_value': return <Money minor={person.own_value_minor} currency={currency} />;
    case 'fission_value': return <Money minor={person.fission_value_minor} currency={currency} />;
    case 'derived_value': return <Money minor={person.derived_value_minor} currency={currency} />;
    case 'value': return <Money minor={person.value_minor} currency={currency} />;
    case 'class': return <>{isFigure(person.class) ? formatCount(person.class, language) : '–'}</>;
    case 'grade': return <>{isFigure(person.grade) ? (['–', 'D', 'C', 'B', 'A'][person.grade] ?? '–') : '–'}</>;
    case 'potential': return <Money minor={person.potential_minor} currency={currency} />;
  }
}
