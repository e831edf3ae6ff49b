import { DownOutlined, SettingOutlined, UpOutlined } from '@ant-design/icons';
import { Button, Checkbox, Drawer, Input, InputNumber, Popover, Select, Tooltip } from 'antd';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router-dom';
import { ApiError } from '../api/client';
import { useColumns, type PeopleFilter } from '../api/queries';
import { formatDay } from '../lib/format';
import { kTierNames, kVelocityNames, tierRank } from '../lib/tiers';
import { errorPlace, splitAt } from '../lib/where';
import type { TextKey } from '../i18n/text';
import { Empty, ErrorState, Loading, TierBadge, Velocity } from '../ui/bits';
import { useMedia, useSettled, useTitle, useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';
import { kColumns, kDefaultColumns, kNarrowColumns, PeopleGrid, type ColumnName } from './PeopleGrid';

const PersonView = lazy(() => import('./PersonView'));

export default function PeoplePage() {
  const { id } = useParams();
  const wide = useMedia('(min-width: 1180px)');
  const navigate = useNavigate();
  const [params] = useUrl();
  const search = params.toString();
  const listPath = `/people${search ? `?${search}` : ''}`;
  if (id !== undefined && !wide) return <NarrowPerson id={id} back={listPath} />;
  return (
    <>
      <PeopleList selected={id ?? null} />
      <PersonDrawer id={id ?? null} onClose={() => navigate(listPath)} />
    </>
  );
}

function NarrowPerson({ id, back }: { id: string; back: string }) {
  const { t } = usePreferences();
  return (
    <div className="page">
      <Link className="back" to={back}>← {t('person.back')}</Link>
      <Suspense fallback={<Loading rows={10} />}><PersonView id={id} /></Suspense>
    </div>
  );
}

function PersonDrawer({ id, onClose }: { id: string | null; onClose: () => void }) {
  const { t } = usePreferences();
  return (
    <Drawer
      open={id !== null}
      mask={false}
      width="min(820px, 62vw)"
      onClose={onClose}
      rootClassName="person-drawer"
      title={t('person.title')}
      extra={id !== null && <Link to={`/person/${encodeURIComponent(id)}`}>{t('person.open_full')}</Link>}
      destroyOnHidden
    >
      {id !== null && <Suspense fallback={<Loading rows={10} />}><PersonView key={id} id={id} narrow /></Suspense>}
    </Drawer>
  );
}

function filterOf(params: URLSearchParams): PeopleFilter {
  const sort = params.get('sort') ?? 'index';
  return {
    tier: params.get('tier') ?? '',
    velocity: params.get('velocity') ?? '',
    q: params.get('q') ?? '',
    where: params.get('where') ?? '',
    sort,
    desc: params.get('desc') === null ? sort !== 'id' : params.get('desc') !== 'false',
  };
}

function PeopleList({ selected }: { selected: string | null }) {
  const { t, language } = usePreferences();
  useTitle(t('nav.people'));
  const [params, setUrl] = useUrl();
  const navigate = useNavigate();
  const narrow = useMedia('(max-width: 640px)');
  const filter = useMemo(() => filterOf(params), [params]);
  // The row in the URL changes while scrolling; the filter object must not.
  const filterKey = JSON.stringify(filter);
  const stable = useMemo(() => JSON.parse(filterKey) as PeopleFilter, [filterKey]);
  const columns = useMemo<ColumnName[]>(() => {
    if (narrow) return kNarrowColumns;
    const named = (params.get('columns') ?? '').split(',').filter((name): name is ColumnName => (kColumns as readonly string[]).includes(name));
    return named.length > 0 ? kColumns.filter((name) => name === 'id' || named.includes(name)) : kDefaultColumns;
  }, [params, narrow]);
  const [total, setTotal] = useState<{ total: number | null; asOf: string | null }>({ total: null, asOf: null });
  const [error, setError] = useState<unknown>(null);
  const [jump, setJump] = useState<{ row: number; nonce: number } | null>(null);
  const firstRow = Math.max(0, Math.floor(Number(params.get('row') ?? 0)) || 0);

  const onTotal = useCallback((value: number | null, asOf: string | null) => setTotal({ total: value, asOf }), []);
  const onFirstRow = useCallback((row: number) => setUrl({ row: row > 0 ? String(row) : null }, true), [setUrl]);
  const onSort = (column: ColumnName) => {
    if (filter.sort !== column) setUrl({ sort: column, desc: null, row: null });
    else setUrl({ desc: filter.desc ? 'false' : 'true', row: null });
  };
  const onOpen = (id: string) => {
    const search = params.toString();
    navigate(`/people/${encodeURIComponent(id)}${search ? `?${search}` : ''}`);
  };
  const whereError = error instanceof ApiError && (error.field === 'where' || (error.code === 'invalid' && filter.where !== '')) ? error : null;

  return (
    <div className="page people-page">
      <div className="page-head">
        <div>
          <h1>{t('people.title')}</h1>
          <p className="lead" role="status">
            {total.total !== null ? t('people.total', { n: total.total }) : error ? '' : t('state.loading')}
            {total.asOf && ` · ${t('app.as_of', { day: formatDay(total.asOf, language) })}`}
          </p>
        </div>
        <div className="people-tools">
          <Jump total={total.total} onJump={(row) => setJump((before) => ({ row, nonce: (before?.nonce ?? 0) + 1 }))} />
          {!narrow && <ColumnChoice columns={columns} onChange={(next) => setUrl({ columns: next })} />}
        </div>
      </div>
      <Filters filter={filter} whereError={whereError} />
      {error && !whereError ? <ErrorState error={error} /> : null}
      {total.total === 0 && !error && (
        <Empty title={t('people.none')}>
          <Button onClick={() => setUrl({ tier: null, velocity: null, q: null, where: null, row: null })}>{t('people.clear')}</Button>
        </Empty>
      )}
      <div className={total.total === 0 || whereError ? 'grid-wrap hidden' : 'grid-wrap'}>
        <PeopleGrid
          filter={stable}
          columns={columns}
          narrow={narrow}
          firstRow={firstRow}
          selected={selected}
          jump={jump}
          onFirstRow={onFirstRow}
          onSort={onSort}
          onOpen={onOpen}
          onTotal={onTotal}
          onError={setError}
        />
      </div>
    </div>
  );
}

function Jump({ total, onJump }: { total: number | null; onJump: (row: number) => void }) {
  const { t } = usePreferences();
  const [value, setValue] = useState<number | null>(null);
  const go = () => {
    if (value !== null) onJump(value - 1);
  };
  return (
    <span className="jump">
      <InputNumber
        aria-label={t('people.jump')}
        placeholder={t('people.jump')}
        min={1}
        max={total ?? 1}
        disabled={total === null || total === 0}
        precision={0}
        controls={false}
        value={value}
        onChange={setValue}
        onPressEnter={go}
      />
      <Button onClick={go} disabled={value === null}>{t('people.go')}</Button>
    </span>
  );
}

function ColumnChoice({ columns, onChange }: { columns: ColumnName[]; onChange: (value: string | null) => void }) {
  const { t } = usePreferences();
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      content={
        <Checkbox.Group
          className="column-choice"
          value={columns}
          options={kColumns.map((name) => ({ value: name, label: t(`column.${name}` as TextKey), disabled: name === 'id' }))}
          onChange={(next) => {
            const list = kColumns.filter((name) => next.includes(name));
            onChange(list.join(',') === kDefaultColumns.join(',') ? null : list.join(','));
          }}
        />
      }
    >
      <Button icon={<SettingOutlined />}>{t('people.columns')}</Button>
    </Popover>
  );
}

function Filters({ filter, whereError }: { filter: PeopleFilter; whereError: ApiError | null }) {
  const { t } = usePreferences();
  const [, setUrl] = useUrl();
  const [open, setOpen] = useState(filter.where !== '');
  const chosen = filter.tier ? filter.tier.split(',') : [];
  const toggle = (tier: string) => {
    const next = chosen.includes(tier) ? chosen.filter((one) => one !== tier) : [...chosen, tier];
    next.sort((a, b) => tierRank(a) - tierRank(b));
    setUrl({ tier: next.join(',') || null, row: null });
  };
  return (
    <div className="people-filters">
      <div className="filter-row">
        <div className="tier-chips" role="group" aria-label={t('term.tier')}>
          {kTierNames.map((tier) => (
            <button key={tier} type="button" className="tier-chip" aria-pressed={chosen.includes(tier)} onClick={() => toggle(tier)}>
              <TierBadge tier={tier} bare={!chosen.includes(tier)} />
            </button>
          ))}
        </div>
        <Select
          className="velocity-select"
          mode="multiple"
          maxTagCount="responsive"
          allowClear
          aria-label={t('term.velocity')}
          placeholder={t('term.velocity')}
          value={filter.velocity ? filter.velocity.split(',') : []}
          options={kVelocityNames.map((value) => ({ value, label: <Velocity velocity={value} /> }))}
          onChange={(next: string[]) => setUrl({ velocity: next.join(',') || null, row: null })}
        />
        <SearchText value={filter.q} onChange={(q) => setUrl({ q: q || null, row: null }, true)} />
        <Button type="text" className="advanced" aria-expanded={open} icon={open ? <UpOutlined /> : <DownOutlined />} iconPosition="end" onClick={() => setOpen(!open)}>
          {t('people.advanced')}
        </Button>
      </div>
      {(open || filter.where !== '') && <Where key={filter.where} where={filter.where} error={whereError} />}
    </div>
  );
}

function SearchText({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = usePreferences();
  const [text, setText] = useState(value);
  const settled = useSettled(text, 300);
  useEffect(() => {
    if (settled !== value) onChange(settled);
    // Follows typing only; a value from outside is taken up below.
  }, [settled]);
  useEffect(() => setText(value), [value]);
  return (
    <Input
      className="search-text"
      allowClear
      maxLength={200}
      aria-label={t('people.search')}
      placeholder={t('people.search')}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

/** The condition field: what is wrong is marked at its place, and every column is at hand. */
function Where({ where, error }: { where: string; error: ApiError | null }) {
  const { t, language } = usePreferences();
  const [, setUrl] = useUrl();
  const [text, setText] = useState(where);
  const columns = useColumns().data?.columns ?? [];
  const apply = () => setUrl({ where: text.trim() || null, row: null });
  const place = error ? errorPlace(error.message) : null;
  const parts = place !== null ? splitAt(where, place) : null;
  return (
    <div className="where">
      <div className="where-line">
        <Input
          className="mono"
          aria-label={t('people.where')}
          aria-invalid={error !== null}
          status={error ? 'error' : ''}
          maxLength={4000}
          spellCheck={false}
          placeholder="tier >= weak and orders >= 3"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onPressEnter={apply}
        />
        <Button type="primary" onClick={apply}>{t('people.apply')}</Button>
      </div>
      {error && (
        <div className="where-error" role="alert">
          {parts && (
            <pre aria-hidden="true">{parts[0]}<mark>{parts[1] || ' '}</mark>{parts[2]}</pre>
          )}
          <span>{error.message}</span>
        </div>
      )}
      <div className="where-columns">
        <span className="muted">{t('people.where_columns')}</span>
        {columns.map((column) => (
          <Tooltip key={column.name} title={<>{language === 'en' ? column.en : column.zh}<br /><code>{column.example}</code></>}>
            <button
              type="button"
              className="column-chip"
              onClick={() => setText((before) => (before.trim() ? `${before.trim()} and ${column.example}` : column.example))}
            >
              {column.name}
            </button>
          </Tooltip>
        ))}
      </div>
    </div>
  );
}
