import { Button, Input, Tabs } from 'antd';
import { useState, type ReactNode } from 'react';
import { useMay } from '../api/access';
import { useBackup, useBackups, useModel, useProgress, useSql, useStatus } from '../api/queries';
import type { Status } from '../api/types';
import { formatBytes, formatCount, formatDay, formatFixed, formatMoment, formatMoney } from '../lib/format';
import { Empty, ErrorState, Loading, NotObservable, Panel, Term } from '../ui/bits';
import { tabOf, useTitle, useUrl, useWordOf } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';
import { showHidden } from '../lib/escape';
import { WorkOf } from '../ui/WorkOf';
import { DeadLettersTab } from './DeadLetters';

/** What the server holds, what it is doing, what it refused, on which model it stands. */
export default function SystemPage() {
  const { t } = usePreferences();
  useTitle(t('nav.system'));
  const [params, setUrl] = useUrl();
  const mayCorrect = useMay('correct');
  const mayQuery = useMay('query');
  const items = [
    { key: 'status', label: t('system.status'), children: <StatusTab /> },
    ...(mayCorrect ? [{ key: 'dead-letters', label: t('system.dead_letters'), children: <DeadLettersTab /> }] : []),
    { key: 'model', label: t('system.model'), children: <ModelTab /> },
    ...(mayQuery ? [{ key: 'sql', label: t('only_latin.sql'), children: <SqlTab /> }] : []),
  ];
  return (
    <div className="page">
      <div className="page-head"><h1>{t('nav.system')}</h1></div>
      <Tabs
        activeKey={tabOf(params.get('tab'), items.map((item) => item.key))}
        onChange={(key) => setUrl({ tab: key === 'status' ? null : key, page: null, source: null })}
        destroyOnHidden
        items={items}
      />
    </div>
  );
}

function Pairs({ rows }: { rows: [ReactNode, ReactNode][] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value], i) => <div key={i}><dt>{name}</dt><dd className="num">{value}</dd></div>)}
    </dl>
  );
}

function StatusTab() {
  const { t, language } = usePreferences();
  const status = useStatus();
  const progress = useProgress();
  const wordOf = useWordOf();
  const manages = useMay('manage');
  if (status.isPending) return <Loading rows={8} />;
  if (status.isError) return <ErrorState error={status.error} retry={() => void status.refetch()} />;
  const data = status.data;
  return (
    <div className="system-grid">
      <Panel title={t('system.holds')}>
        <Pairs
          rows={[
            [t('system.people'), formatCount(data.people, language)],
            [t('system.events'), formatCount(data.events, language)],
            [t('system.nobody'), formatCount(data.unattributed_events, language)],
            [t('system.refused'), formatCount(data.refused, language)],
            [t('system.period'), `${formatDay(data.first_day, language)} – ${formatDay(data.last_day, language)}`],
            [<Term key="a" word="as_of">{t('system.as_of')}</Term>, formatDay(data.as_of, language)],
            [t('system.zone'), data.zone],
            [t('system.currency'), data.currency.code || '–'],
            [t('system.version'), data.version],
          ]}
        />
      </Panel>
      <Panel title={t('system.memory')}><MemoryOf status={data} /></Panel>
      <Panel title={t('system.work')}>
        {progress.data?.current && <WorkOf work={progress.data.current} />}
        {progress.data?.last && <WorkOf work={progress.data.last} />}
        {progress.data && !progress.data.current && !progress.data.last && <p className="muted">{t('system.idle')}</p>}
      </Panel>
      {manages && <BackupsPanel />}
      <Panel title={t('system.sources')} className="wide">
        {data.sources.length === 0 ? (
          <Empty title={t('system.no_sources')} />
        ) : (
          <div className="scroll-x">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t('system.source')}</th>
                  <th scope="col" className="right">{t('system.events')}</th>
                  <th scope="col" className="right">{t('system.refused')}</th>
                  <th scope="col">{t('system.at')}</th>
                </tr>
              </thead>
              <tbody>
                {data.sources.map((source) => (
                  <tr key={source.name}>
                    <td className="break">{showHidden(source.name)}</td>
                    <td className="num right">{formatCount(source.events, language)}</td>
                    <td className="num right">{formatCount(source.refused, language)}</td>
                    <td className="num nowrap">{source.at ? source.at.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC') : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
      <Panel title={t('system.kinds')} className="wide">
        <p className="kinds">{data.observed_kinds.length === 0 ? '–' : data.observed_kinds.map((kind) => <span key={kind} className="tag">{wordOf('kinds', kind)}</span>)}</p>
      </Panel>
    </div>
  );
}

/** Copies of the log, made while it is written to. Each is read and checked before it gets its name. */
function BackupsPanel() {
  const { t, language } = usePreferences();
  const backups = useBackups();
  const start = useBackup();
  const last = backups.data?.last;
  const running = last?.state === 'running';
  return (
    <Panel
      title={t('backups.title')}
      className="wide"
      extra={<Button size="small" loading={start.isPending || running} onClick={() => start.mutate()}>{t('backups.make')}</Button>}
    >
      {backups.isPending && <Loading rows={2} />}
      {backups.isError && <ErrorState error={backups.error} />}
      {start.isError && <ErrorState error={start.error} />}
      {last && (
        <p role="status" className={last.state === 'failed' ? 'wrong break' : 'break'}>
          {running && t('backups.running', { file: last.file, done: last.pages_done, total: last.pages_total })}
          {last.state === 'done' && t('backups.done', { file: last.file, at: last.finished_at ? formatMoment(last.finished_at, language) : '' })}
          {last.state === 'failed' && t('backups.failed', { file: last.file, why: last.message })}
        </p>
      )}
      {backups.data && backups.data.files.length === 0 && <p className="muted">{t('backups.none')}</p>}
      {backups.data && backups.data.files.length > 0 && (
        <Pairs rows={backups.data.files.map((one) => [<code key={one.file} className="break">{one.file}</code>, formatBytes(one.bytes, language)])} />
      )}
      <p className="muted small">{t('backups.hint')}</p>
    </Panel>
  );
}

function MemoryOf({ status }: { status: Status }) {
  const { t, language } = usePreferences();
  const memory = status.memory;
  return (
    <Pairs
      rows={[
        [t('system.memory_total'), formatBytes(memory.bytes_total, language)],
        [t('system.memory_event'), t('system.bytes', { n: formatFixed(memory.bytes_per_event_milli / 1000, language, 1) })],
        [t('system.memory_person'), t('system.bytes', { n: formatFixed(memory.bytes_per_person_milli / 1000, language, 1) })],
      ]}
    />
  );
}

function ModelTab() {
  const { t, language } = usePreferences();
  const wordOf = useWordOf();
  const model = useModel();
  if (model.isPending) return <Loading rows={8} />;
  if (model.isError) return <ErrorState error={model.error} retry={() => void model.refetch()} />;
  const data = model.data;
  return (
    <div className="system-grid">
      <Panel title={`${data.name} ${data.version}`}>
        <Pairs
          rows={[
            [t('model.hash'), <code key="h">{data.hash}</code>],
            [t('model.rules'), formatCount(data.rules, language)],
            [t('system.zone'), data.zone],
            [t('system.currency'), data.currency.code || '–'],
          ]}
        />
      </Panel>
      <Panel title={t('model.calibration')}>
        <Pairs
          rows={[
            [t('model.typical_order'), formatMoney(data.calibration.typical_order_minor, data.currency.code, language, data.currency.minor_digits)],
            [t('model.typical_gap'), t('person.days', { n: data.calibration.typical_gap_days })],
            [t('model.products'), t(data.calibration.products_named ? 'model.yes' : 'model.no')],
          ]}
        />
        <p className="kinds">{data.calibration.observed_kinds.map((kind) => <span key={kind} className="tag">{wordOf('kinds', kind)}</span>)}</p>
      </Panel>
      {data.unobservable.length > 0 && (
        <Panel title={<Term word="observable">{t('observable.title')}</Term>} className="wide"><NotObservable facts={data.unobservable} /></Panel>
      )}
      <Panel title={t('model.text')} className="wide"><pre className="source" tabIndex={0}>{data.toml}</pre></Panel>
    </div>
  );
}

const kFirstQuery = 'select tier, count(*) as people\nfrom people\ngroup by tier\norder by people desc';
function SqlTab() {
  const { t, language } = usePreferences();
  const [query, setQuery] = useState(kFirstQuery);
  const sql = useSql();
  return (
    <div className="sql">
      <p className="lead">{t('sql.lead')}</p>
      <Input.TextArea
        className="mono"
        aria-label={t('sql.query')}
        autoSize={{ minRows: 4, maxRows: 16 }}
        spellCheck={false}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) sql.mutate(query);
        }}
      />
      <Button type="primary" loading={sql.isPending} onClick={() => sql.mutate(query)}>{t('sql.run')}</Button>
      {sql.isError && <ErrorState error={sql.error} />}
      {sql.data && (
        <Panel title={t('sql.rows', { n: sql.data.rows.length, ms: sql.data.elapsed_ms })}>
          {sql.data.truncated && <p className="note">{t('sql.truncated')}</p>}
          <div className="scroll-x">
            <table className="table">
              <thead><tr>{sql.data.columns.map((column, i) => <th key={i} scope="col" title={column.type}>{showHidden(column.name)}</th>)}</tr></thead>
              <tbody>
                {sql.data.rows.map((row, i) => (
                  <tr key={i}>
                    {(row as unknown[]).map((cell, j) => (
                      <td key={j} className={typeof cell === 'number' ? 'num right' : undefined}>
                        {cell === null ? <span className="muted">–</span> : typeof cell === 'number' && Number.isInteger(cell) ? formatCount(cell, language) : showHidden(String(cell))}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
    </div>
  );
}
