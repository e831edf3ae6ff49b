import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Segmented, Select } from 'antd';
import { useEffect, useMemo } from 'react';
import { changesPage, useStatus } from '../api/queries';
import type { Change } from '../api/types';
import { formatCount, formatDay } from '../lib/format';
import { kTierNames } from '../lib/tiers';
import { Empty, ErrorState, Loading, Panel, PersonLink, TierStep } from '../ui/bits';
import { useTitle, useUrl } from '../ui/hooks';
import { PostingSentence } from '../ui/PostingSentence';
import { usePreferences } from '../ui/preferences';
import { periodOf } from './HourglassPage';

const kPage = 500;
/** How many changes are looked through before asking whether to go on. */
const kLookThrough = 20_000;

/** Every change of tier in a period: who, when, what tipped it. */
export default function ChangesPage() {
  const { t, language } = usePreferences();
  useTitle(t('nav.changes'));
  const [params, setUrl] = useUrl();
  const status = useStatus();
  const asOf = status.data?.as_of ?? null;
  const period = asOf ? periodOf(params, asOf) : null;
  const direction = params.get('direction') ?? 'all';
  const step = params.get('step') ?? '';
  const changes = useInfiniteQuery({
    queryKey: ['changes', period?.from, period?.to, direction],
    queryFn: ({ pageParam, signal }) =>
      changesPage({ from: period?.from ?? null, to: period?.to ?? null, direction, offset: pageParam, limit: kPage }, signal),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.offset + last.changes.length < last.total ? last.offset + last.changes.length : undefined),
    enabled: period !== null,
  });
  const { hasNextPage, isFetching, fetchNextPage } = changes;
  const pages = changes.data?.pages;
  const all = useMemo(() => pages?.flatMap((page) => page.changes) ?? [], [pages]);
  const shown = useMemo(() => (step ? all.filter((change) => `${change.from}-${change.to}` === step) : all), [all, step]);
  const head = pages?.[0];

  // A pair is picked out on this side: look through the pages until enough are on screen.
  const looking = step !== '' && hasNextPage && shown.length < 200 && all.length < kLookThrough;
  useEffect(() => {
    if (looking && !isFetching) void fetchNextPage();
  }, [looking, isFetching, fetchNextPage]);

  const steps = kTierNames.flatMap((from) => kTierNames.filter((to) => to !== from).map((to) => `${from}-${to}`));
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t('changes.title')}</h1>
          {period && <p className="lead">{t('changes.lead', { from: formatDay(period.from, language), to: formatDay(period.to, language) })}</p>}
        </div>
        <div className="period">
          <Segmented
            aria-label={t('period.label')}
            value={period?.preset ?? 'custom'}
            options={[30, 90, 365].map((days) => ({ value: days as number | string, label: t('period.days', { n: days }) })).concat(
              period && period.preset === null ? [{ value: 'custom', label: t('period.custom') }] : [],
            )}
            onChange={(value) => {
              if (value !== 'custom') setUrl({ days: String(value), from: null, to: null });
            }}
          />
        </div>
      </div>
      <Panel
        title={head ? t('changes.count', { n: step ? shown.length : head.total }) : t('changes.title')}
        extra={
          <div className="filters">
            <Segmented
              aria-label={t('changes.direction')}
              value={direction}
              options={[
                { value: 'all', label: t('changes.all') },
                { value: 'rise', label: `▲ ${t('changes.rise')}` },
                { value: 'fall', label: `▼ ${t('changes.fall')}` },
              ]}
              onChange={(value) => setUrl({ direction: value === 'all' ? null : String(value), step: null })}
            />
            <Select
              aria-label={t('changes.step')}
              className="step-select"
              allowClear
              placeholder={t('changes.step')}
              value={step || undefined}
              options={steps.map((value) => {
                const [from, to] = value.split('-');
                return { value, label: <TierStep from={from ?? 'none'} to={to ?? 'none'} /> };
              })}
              onChange={(value) => setUrl({ step: value ?? null, direction: null })}
            />
          </div>
        }
      >
        {changes.isError && <ErrorState error={changes.error} retry={() => void changes.refetch()} />}
        {(changes.isPending || status.isPending) && !changes.isError && <Loading rows={8} />}
        {pages && shown.length === 0 && !isFetching && <Empty title={t('changes.none')} />}
        {shown.length > 0 && <ChangeTable changes={shown} />}
        {looking && <p className="muted" role="status">{t('changes.looking', { n: all.length })}</p>}
        {hasNextPage && !looking && (
          <div className="more">
            <Button loading={isFetching} onClick={() => void fetchNextPage()}>
              {t('changes.more', { shown: formatCount(all.length, language), total: formatCount(head?.total, language) })}
            </Button>
          </div>
        )}
      </Panel>
    </div>
  );
}

function ChangeTable({ changes }: { changes: Change[] }) {
  const { t, language } = usePreferences();
  return (
    <table className="table changes-table">
      <thead>
        <tr>
          <th scope="col">{t('column.day')}</th>
          <th scope="col">{t('column.person')}</th>
          <th scope="col">{t('column.step')}</th>
          <th scope="col">{t('column.why')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change, i) => (
          <tr key={`${change.id} ${change.day} ${i}`}>
            <td className="num nowrap">{formatDay(change.day, language)}</td>
            <td><PersonLink id={change.id} /></td>
            <td className="nowrap"><TierStep from={change.from} to={change.to} /></td>
            <td className="why"><PostingSentence posting={change} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
