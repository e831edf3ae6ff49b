import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useMemo } from 'react';
import { timelinePage } from '../api/queries';
import type { Currency, TimelineEvent } from '../api/types';
import { formatCount, formatDay, formatFixed, formatMoney } from '../lib/format';
import { groupOf, kKindGroups, type KindGroup } from '../lib/kinds';
import { Empty, ErrorState, Loading } from '../ui/bits';
import { EventLink } from '../ui/EventDrawer';
import { useUrl, useWordOf } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

const kPage = 200;

/** What happened, newest first, by day, the lines of an order together. */
export function TimelineList({ id, at }: { id: string; at: string | null }) {
  const { t, language } = usePreferences();
  const [params, setUrl] = useUrl();
  const chosen = (params.get('kinds') ?? '').split(',').filter(Boolean) as KindGroup[];
  const timeline = useInfiniteQuery({
    queryKey: ['timeline', id, at],
    queryFn: ({ pageParam, signal }) => timelinePage(id, at, pageParam, kPage, signal),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.events.length > 0 && last.offset + last.events.length < last.total ? last.offset + last.events.length : undefined),
  });
  const events = useMemo(() => timeline.data?.pages.flatMap((page) => page.events) ?? [], [timeline.data]);
  if (timeline.isPending) return <Loading rows={10} />;
  if (timeline.isError) return <ErrorState error={timeline.error} retry={() => void timeline.refetch()} />;
  const head = timeline.data.pages[0];
  const counts = new Map<KindGroup, number>();
  for (const event of events) counts.set(groupOf(event.kind), (counts.get(groupOf(event.kind)) ?? 0) + 1);
  const shown = chosen.length === 0 ? events : events.filter((event) => chosen.includes(groupOf(event.kind)));
  const toggle = (group: KindGroup) => {
    const next = chosen.includes(group) ? chosen.filter((one) => one !== group) : [...chosen, group];
    setUrl({ kinds: next.join(',') || null }, true);
  };
  return (
    <div className="timeline" data-testid="timeline">
      <div className="kind-chips" role="group" aria-label={t('timeline.filter')}>
        {(Object.keys(kKindGroups) as KindGroup[]).filter((group) => counts.has(group)).map((group) => (
          <button key={group} type="button" aria-pressed={chosen.includes(group)} className="kind-chip" onClick={() => toggle(group)}>
            {t(`kind_group.${group}`)} <span className="num muted">{formatCount(counts.get(group), language)}</span>
          </button>
        ))}
      </div>
      {shown.length === 0 && <Empty title={t('timeline.none')} />}
      <Days events={shown} currency={head?.currency ?? { code: '', minor_digits: 2 }} />
      {timeline.hasNextPage && (
        <div className="more">
          <Button loading={timeline.isFetchingNextPage} onClick={() => void timeline.fetchNextPage()}>
            {t('timeline.more', { shown: events.length, total: head?.total ?? 0 })}
          </Button>
        </div>
      )}
    </div>
  );
}

interface OrderGroup {
  order: string | null;
  events: TimelineEvent[];
}
interface DayGroup {
  day: string;
  orders: OrderGroup[];
}

/** Neighbours of one day stand together, and within it neighbours of one order. */
export function groupByDay(events: readonly TimelineEvent[]): DayGroup[] {
  const days: DayGroup[] = [];
  for (const event of events) {
    let day = days[days.length - 1];
    if (!day || day.day !== event.day) {
      day = { day: event.day, orders: [] };
      days.push(day);
    }
    const order = event.order_id ?? null;
    const known = order === null ? undefined : day.orders.find((group) => group.order === order);
    if (known) known.events.push(event);
    else day.orders.push({ order, events: [event] });
  }
  return days;
}

function Days({ events, currency }: { events: TimelineEvent[]; currency: Currency }) {
  const { t, language } = usePreferences();
  return (
    <ol className="days">
      {groupByDay(events).map((day, i) => (
        <li key={`${day.day} ${i}`}>
          <h2 className="num">{formatDay(day.day, language)}</h2>
          <div className="day-body">
          {day.orders.map((group, j) => (
            <div key={j} className={group.order !== null && group.events.length > 1 ? 'order' : 'single'}>
              {group.order !== null && group.events.length > 1 && (
                <p className="order-head">
                  {t('timeline.order', { id: group.order })}
                  <span className="num muted">
                    {t('timeline.lines', { n: group.events.length })} · {formatMoney(group.events.reduce((sum, event) => sum + (event.amount_minor ?? 0), 0), currency.code, language, currency.minor_digits)}
                  </span>
                </p>
              )}
              <ul>{group.events.map((event) => <EventRow key={`${event.ordinal} ${event.kind} ${event.at}`} event={event} currency={currency} />)}</ul>
            </div>
          ))}
          </div>
        </li>
      ))}
    </ol>
  );
}

function EventRow({ event, currency }: { event: TimelineEvent; currency: Currency }) {
  const { t, language, named } = usePreferences();
  const wordOf = useWordOf();
  const negative = (event.amount_minor ?? 0) < 0;
  const worth = new Map<string, number>();
  for (const one of event.evidence) worth.set(one.dimension, (worth.get(one.dimension) ?? 0) + one.worth_16);
  return (
    <li className="event" data-group={groupOf(event.kind)}>
      <span className="event-time num muted">{event.at.slice(11, 16)}</span>
      <span className="event-what">
        <EventLink ordinal={event.ordinal}>{event.kind === 'unknown' && event.name ? event.name : wordOf('kinds', event.kind)}</EventLink>
        {event.derived && <span className="tag">{t('evidence.derived')}</span>}
        {(event.title ?? event.subject) && <span className="event-title"> {event.title ?? event.subject}</span>}
        {event.quantity !== null && event.quantity !== undefined && event.quantity !== 1 && event.quantity !== 0 && <span className="muted num"> × {formatCount(event.quantity, language)}</span>}
        {worth.size > 0 && (
          <span className="event-evidence">
            {[...worth].map(([dimension, points]) => (
              <span key={dimension} className="muted">
                {named('dimension', dimension)} <span className="num">{formatFixed(points / 65_536, language, 2)}</span>
              </span>
            ))}
          </span>
        )}
      </span>
      {event.amount_minor !== null && event.amount_minor !== undefined && event.amount_minor !== 0 && (
        <span className={`num event-money${negative ? ' delta' : ''}`} data-sign={negative ? 'down' : undefined}>{formatMoney(event.amount_minor, currency.code, language, currency.minor_digits)}</span>
      )}
    </li>
  );
}
