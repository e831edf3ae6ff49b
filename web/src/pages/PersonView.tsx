import { Button, DatePicker, Tabs, Tooltip } from 'antd';
import dayjs from 'dayjs';
import { lazy, Suspense, type ReactNode } from 'react';
import { ApiError } from '../api/client';
import { useExplanation, useHistory, usePerson, usePrivacy, useStatus } from '../api/queries';
import type { Currency, Person } from '../api/types';
import { formatCount, formatDay, formatFixed, formatMoney, isDay } from '../lib/format';
import { showHidden } from '../lib/escape';
import { DepthBars } from '../charts/DepthBars';
import { TrustPicture } from '../charts/TrustPicture';
import { ErrorState, Loading, NotObservable, Panel, PersonLink, Term, TierBadge, TierStep, Velocity } from '../ui/bits';
import { EventDrawer, EventLink } from '../ui/EventDrawer';
import { tabOf, useTitle, useUrl } from '../ui/hooks';
import { PostingSentence } from '../ui/PostingSentence';
import { usePreferences } from '../ui/preferences';
import { Evidence } from './PersonEvidence';
import { Gates, NextGate } from './PersonGates';
import { PersonNeeds } from './PersonNeeds';
import { PersonIdentity } from './PersonIdentity';
import { Privacy } from './PersonPrivacy';
import { PersonValuePanel } from './PersonValue';
import { TimelineList } from './PersonTimeline';

const kTabs = ['overview', 'value', 'needs', 'why', 'gates', 'timeline', 'identity', 'privacy'] as const;

const HistoryChart = lazy(() => import('../charts/HistoryChart'));

/** Everything about one person on one day; the same in a drawer and on a page of its own. */
export default function PersonView({ id, narrow = false }: { id: string; narrow?: boolean }) {
  const { t } = usePreferences();
  useTitle(showHidden(id));
  const [params, setUrl] = useUrl();
  const at = isDay(params.get('at')) ? params.get('at') : null;
  const tab = tabOf(params.get('tab'), kTabs);
  const person = usePerson(id, at);
  const event = Number(params.get('event') ?? '');
  if (person.isPending) return <Loading rows={10} />;
  if (person.isError) {
    // Of somebody whose data are restricted, what they said is all that is shown.
    const restricted = person.error instanceof ApiError && person.error.status === 409;
    return (
      <>
        <ErrorState error={person.error} retry={() => void person.refetch()} />
        {restricted && <Privacy id={id} />}
      </>
    );
  }
  return (
    <article className={`person${narrow ? ' narrow' : ''}`} data-testid="person">
      <Head person={person.data} at={at} />
      <Tabs
        activeKey={tab}
        onChange={(key) => setUrl({ tab: key === 'overview' ? null : key }, true)}
        items={[
          { key: 'overview', label: t('person.overview'), children: <Overview person={person.data} at={at} /> },
          { key: 'value', label: t('person.value'), children: <PersonValuePanel id={id} /> },
          { key: 'needs', label: t('need.title'), children: <PersonNeeds id={id} /> },
          { key: 'why', label: t('person.why'), children: <Evidence id={id} at={at} /> },
          { key: 'gates', label: t('person.gates'), children: <GatesTab id={id} at={at} /> },
          { key: 'timeline', label: t('person.timeline'), children: <TimelineList id={id} at={at} /> },
          { key: 'identity', label: t('person.identity'), children: <PersonIdentity id={id} /> },
          { key: 'privacy', label: t('person.privacy'), children: <Privacy id={id} /> },
        ]}
        destroyOnHidden
      />
      <EventDrawer ordinal={params.get('event') !== null && Number.isSafeInteger(event) ? event : null} onClose={() => setUrl({ event: null })} />
    </article>
  );
}

function Head({ person, at }: { person: Person; at: string | null }) {
  const { t, language } = usePreferences();
  const [, setUrl] = useUrl();
  const asOf = useStatus().data?.as_of ?? person.at;
  const others = person.ids.filter((id) => id !== person.id);
  return (
    <header className="person-head">
      <div className="person-names">
        <h1 className="person-id">{showHidden(person.id)}</h1>
        {others.length > 0 && (
          <p className="muted ids">{t('person.also')} {others.map((id, i) => <code key={i}>{showHidden(id)}</code>)}</p>
        )}
        <p className="person-line">
          <TierBadge tier={person.reading.tier} />
          <Velocity velocity={person.reading.velocity} />
          {person.state.tier_since && <span className="muted">{t('person.since', { day: formatDay(person.state.tier_since, language) })}</span>}
          <NoMarketing id={person.id} />
          {person.brought_by && <span className="muted">{t('person.brought_by')} <PersonLink id={person.brought_by} /></span>}
        </p>
      </div>
      <div className="person-at">
        <label>
          <span className="muted"><Term word="as_of">{t('person.at')}</Term></span>
          <DatePicker
            value={dayjs(at ?? person.at)}
            allowClear={false}
            maxDate={dayjs(asOf)}
            minDate={person.state.first_day && !at ? dayjs(person.state.first_day) : undefined}
            onChange={(day) => {
              const text = day?.format('YYYY-MM-DD') ?? null;
              setUrl({ at: text === asOf ? null : text });
            }}
          />
        </label>
        {at !== null && at !== asOf && <Button size="small" onClick={() => setUrl({ at: null })}>{t('person.at_latest')}</Button>}
      </div>
    </header>
  );
}

/** Says that the person objects to marketing, as of now, whatever day is looked at. */
function NoMarketing({ id }: { id: string }) {
  const { t } = usePreferences();
  const privacy = usePrivacy(id);
  if (!privacy.data?.stance.no_marketing) return null;
  return (
    <Tooltip title={t('privacy.no_marketing_means')}>
      <span className="objects" data-testid="no-marketing">{t('privacy.no_marketing')}</span>
    </Tooltip>
  );
}

function Overview({ person, at }: { person: Person; at: string | null }) {
  const { t, language } = usePreferences();
  const reading = person.reading;
  const history = useHistory(person.id, at, null);
  const explanation = useExplanation(person.id, at, 500);
  return (
    <div className="overview">
      <div className="overview-top">
        <Panel title={<Term word="index" />} extra={<span className="big num">{formatFixed(reading.index_milli / 1000, language, 1)}</span>}>
          <p className="formula num">
            100 × <Term word="trust">{formatFixed(reading.trust_bp / 10_000, language, 4)}</Term> × <Term word="depth">{formatFixed(reading.depth_bp / 10_000, language, 4)}</Term>
            {' ≈ '}{formatFixed(reading.index_milli / 1000, language, 2)}
          </p>
          {explanation.data && <NextGate explanation={explanation.data} />}
        </Panel>
        <Panel title={<Term word="trust" />} extra={<span className="big num">{formatFixed(reading.trust_bp / 10_000, language, 2)}</span>}>
          <TrustPicture parts={person.trust} reading={reading} />
        </Panel>
        <Panel title={<Term word="depth" />} extra={<span className="big num">{formatFixed(reading.depth_bp / 10_000, language, 2)}</span>} className="depth-panel">
          <DepthBars dimensions={person.dimensions} />
        </Panel>
      </div>
      <Panel title={t('person.history')}>
        {history.isPending && <Loading rows={5} />}
        {history.isError && <ErrorState error={history.error} />}
        {history.data && (
          <Suspense fallback={<Loading rows={5} />}><HistoryChart history={history.data} /></Suspense>
        )}
      </Panel>
      <div className="overview-bottom">
        <Panel title={<Term word="posting">{t('person.postings')}</Term>}>
          {history.data && <Postings postings={history.data.postings} />}
        </Panel>
        <Panel title={t('person.facts')}><Facts person={person} currency={person.currency} /></Panel>
      </div>
      {explanation.data && explanation.data.unobservable.length > 0 && (
        <Panel title={<Term word="observable">{t('observable.title')}</Term>}>
          <NotObservable facts={explanation.data.unobservable} compact />
        </Panel>
      )}
    </div>
  );
}

function Postings({ postings }: { postings: NonNullable<ReturnType<typeof useHistory>['data']>['postings'] }) {
  const { t, language } = usePreferences();
  if (postings.length === 0) return <p className="muted">{t('person.no_postings')}</p>;
  return (
    <ol className="postings">
      {[...postings].reverse().map((posting, i) => (
        <li key={i} data-sign={posting.rise ? 'up' : 'down'}>
          <span className="num posting-day">{formatDay(posting.day, language)}</span>
          <TierStep from={posting.from} to={posting.to} />
          <p>
            <PostingSentence posting={posting} />{' '}
            {posting.event_ordinal !== null && posting.event_ordinal !== undefined && <EventLink ordinal={posting.event_ordinal}>{t('posting.event')}</EventLink>}
          </p>
        </li>
      ))}
    </ol>
  );
}

/** Shown above already, or in a picture of their own. */
const shownElsewhere = /^(trust|depth|index|orders|silence_days|.*_depth)$/;

function Facts({ person, currency }: { person: Person; currency: Currency }) {
  const { t, language } = usePreferences();
  const state = person.state;
  const money = (minor: number) => formatMoney(minor, currency.code, language, currency.minor_digits);
  const days = (value: number | null | undefined) => (value === null || value === undefined ? '–' : t('person.days', { n: value }));
  const rows: [ReactNode, ReactNode][] = [
    [t('fact.orders'), `${formatCount(state.orders, language)}${state.orders_returned > 0 ? ` (${t('fact.returned', { n: state.orders_returned })})` : ''}`],
    [t('fact.spent'), money(state.spent_minor)],
    [t('fact.returned_money'), money(state.returned_minor)],
    [t('fact.first_order'), formatDay(state.first_order_day, language)],
    [t('fact.last_order'), formatDay(state.last_order_day, language)],
    [t('fact.silence'), days(state.silence_days)],
    [t('fact.rhythm'), state.mean_gap_days_milli ? t('person.days_text', { n: formatFixed(state.mean_gap_days_milli / 1000, language, 1) }) : '–'],
    [t('fact.first_day'), formatDay(state.first_day, language)],
    [t('fact.events'), formatCount(state.events, language)],
    [t('fact.breach'), formatDay(state.breach_day, language)],
  ];
  return (
    <dl className="facts">
      {rows.map(([name, value], i) => (
        <div key={i}><dt>{name}</dt><dd className="num">{value}</dd></div>
      ))}
      {person.facts.filter((fact) => !shownElsewhere.test(fact.fact)).map((fact) => (
        <div key={fact.fact} className={fact.observable ? undefined : 'unseen'}>
          <dt>{language === 'en' ? fact.en : fact.zh}</dt>
          <dd className="num">{fact.observable ? fact.text : t('observable.short')}</dd>
        </div>
      ))}
    </dl>
  );
}

function GatesTab({ id, at }: { id: string; at: string | null }) {
  const explanation = useExplanation(id, at, 500);
  if (explanation.isPending) return <Loading rows={8} />;
  if (explanation.isError) return <ErrorState error={explanation.error} retry={() => void explanation.refetch()} />;
  return <Gates explanation={explanation.data} />;
}
