import { PauseOutlined, CaretRightOutlined } from '@ant-design/icons';
import { Button, Input, Segmented, Select } from 'antd';
import { useMemo, useState } from 'react';
import { Link } from 'react-router-dom';
import { useMay } from '../api/access';
import { useLive, type LiveState } from '../api/live';
import { useWords } from '../api/queries';
import type { LiveNote } from '../api/types';
import { showHidden } from '../lib/escape';
import { formatCount, formatMoney } from '../lib/format';
import { Delta, Empty, Panel, PersonLink, TierBadge, TierStep } from '../ui/bits';
import { EventDrawer, EventLink } from '../ui/EventDrawer';
import { useTitle, useUrl, useWordOf } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

const kTroubles = 'refused,conflicting';

/** Each event as it arrives: what it was understood as, and what it changed. */
export default function LivePage() {
  const { t, language } = usePreferences();
  useTitle(t('nav.live'));
  const [params, setUrl] = useUrl();
  const [paused, setPaused] = useState(false);
  const manages = useMay('manage');
  const outcome = params.get('only') === 'troubles' ? kTroubles : '';
  const kind = params.get('kind') ?? '';
  const search = (params.get('q') ?? '').toLowerCase();
  const live = useLive({ outcome, kind }, paused);
  const shown = useMemo(() => (search ? live.notes.filter((note) => says(note, search)) : live.notes), [live.notes, search]);
  const event = params.get('event');
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t('live.title')}</h1>
          <p className="lead">{t('live.lead')}</p>
        </div>
        <div className="live-state">
          <StateOf state={live.state} />
          <Button icon={paused ? <CaretRightOutlined /> : <PauseOutlined />} aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {paused ? t('live.resume', { n: live.waiting }) : t('live.pause')}
          </Button>
        </div>
      </div>
      <Panel
        title={
          <span className="num" data-testid="live-count">
            {t('live.count', { n: live.count.arrived })}
            {live.count.left_out + live.count.not_held > 0 && (
              <span className="muted"> · {t('live.left_out', { n: formatCount(live.count.left_out + live.count.not_held, language) })}</span>
            )}
          </span>
        }
        extra={<Filters outcome={outcome} kind={kind} search={params.get('q') ?? ''} setUrl={setUrl} />}
      >
        {shown.length === 0 ? (
          <Empty title={t(live.notes.length > 0 ? 'live.none_match' : 'live.none')}>
            {live.notes.length === 0 && <p>{t('live.none_hint')}</p>}
            {live.notes.length === 0 && manages && <p><Link to="/access?tab=sources">{t('hourglass.nothing_source')}</Link></p>}
          </Empty>
        ) : (
          <NoteTable notes={shown} />
        )}
      </Panel>
      <EventDrawer ordinal={event === null ? null : Number(event)} onClose={() => setUrl({ event: null })} />
    </div>
  );
}

function says(note: LiveNote, search: string): boolean {
  return [note.person, note.name, note.kind, note.message_id, note.door, note.subject, note.order_id, note.reason]
    .some((text) => text !== null && text !== undefined && text.toLowerCase().includes(search));
}

function StateOf({ state }: { state: LiveState }) {
  const { t } = usePreferences();
  return <span className="live-dot" data-state={state} role="status">{t(`live.${state}`)}</span>;
}

function Filters({
  outcome, kind, search, setUrl,
}: { outcome: string; kind: string; search: string; setUrl: (changes: Record<string, string | null>, replace?: boolean) => void }) {
  const { t, language } = usePreferences();
  const words = useWords().data;
  return (
    <div className="filters">
      <Segmented
        aria-label={t('live.only')}
        value={outcome ? 'troubles' : 'all'}
        options={[{ value: 'all', label: t('live.all') }, { value: 'troubles', label: t('live.troubles') }]}
        onChange={(value) => setUrl({ only: value === 'all' ? null : 'troubles' })}
      />
      <Select
        aria-label={t('live.kind')}
        className="kind-select"
        allowClear
        showSearch
        optionFilterProp="label"
        placeholder={t('live.kind')}
        value={kind || undefined}
        options={(words?.kinds ?? []).map((word) => ({ value: word.name, label: language === 'en' ? word.en : word.zh }))}
        onChange={(value) => setUrl({ kind: value ?? null })}
      />
      <Input
        aria-label={t('live.search')}
        className="live-search"
        allowClear
        placeholder={t('live.search')}
        defaultValue={search}
        onChange={(event) => setUrl({ q: event.target.value || null }, true)}
      />
    </div>
  );
}

function NoteTable({ notes }: { notes: LiveNote[] }) {
  const { t } = usePreferences();
  return (
    <table className="table live-table" data-testid="live-notes">
      <thead>
        <tr>
          <th scope="col">{t('live.time')}</th>
          <th scope="col">{t('live.event')}</th>
          <th scope="col">{t('column.person')}</th>
          <th scope="col">{t('live.change')}</th>
          <th scope="col">{t('live.door')}</th>
        </tr>
      </thead>
      <tbody>{notes.map((note) => <NoteRow key={note.number} note={note} />)}</tbody>
    </table>
  );
}

function NoteRow({ note }: { note: LiveNote }) {
  const { t, language } = usePreferences();
  const wordOf = useWordOf();
  const refused = note.outcome === 'refused';
  const what = refused ? t('live.outcome.refused') : wordOf('kinds', note.kind);
  return (
    <tr data-outcome={note.outcome}>
      <td className="num nowrap muted"><TimeOf moment={note.received_at ?? null} /></td>
      <td className="break">
        {note.ordinal !== null && note.ordinal !== undefined ? <EventLink ordinal={note.ordinal}>{what}</EventLink> : <strong>{what}</strong>}
        {note.name && <span className="muted"> {showHidden(note.name)}</span>}
        {note.amount_minor !== 0 && (
          <span className="num"> {formatMoney(note.amount_minor, note.currency.code, language, note.currency.minor_digits)}</span>
        )}
        {!refused && note.outcome !== 'added' && <span className="tag">{t(`live.outcome.${note.outcome}`)}</span>}
      </td>
      <td className="live-person" data-nobody={note.person ? undefined : true}>{note.person ? <PersonLink id={note.person} tab="timeline" /> : <span className="muted">–</span>}</td>
      <td><ChangeOf note={note} /></td>
      <td className="muted live-door" title={note.door}>{showHidden(note.door)}</td>
    </tr>
  );
}

function TimeOf({ moment }: { moment: string | null }) {
  const { language } = usePreferences();
  if (!moment) return <>–</>;
  const time = new Date(moment);
  return <time dateTime={moment}>{time.toLocaleTimeString(language, { hour12: false })}</time>;
}

/** The tier and the trust, before and after; of what was refused, why. */
function ChangeOf({ note }: { note: LiveNote }) {
  const { t } = usePreferences();
  if (note.reason) {
    return (
      <span className="break">
        {note.field && <code>{showHidden(note.field)}</code>} {showHidden(note.reason)}{' '}
        <Link to="/system?tab=dead-letters">{t('live.correct')}</Link>
      </span>
    );
  }
  if (!note.before || !note.after) return <span className="muted">–</span>;
  const trust = (note.after.trust_bp - note.before.trust_bp) / 100;
  return (
    <span className="live-change">
      {note.before.tier === note.after.tier ? <TierBadge tier={note.after.tier} bare /> : <TierStep from={note.before.tier} to={note.after.tier} />}
      <span className="num nowrap">{t('live.trust')} <Delta value={trust} digits={1} /></span>
    </span>
  );
}
