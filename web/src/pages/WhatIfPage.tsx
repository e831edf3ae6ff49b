import { UploadOutlined } from '@ant-design/icons';
import { Button, Select, Segmented } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'react-router-dom';
import { useModel, useModelCheck, useModels, useWhatIf } from '../api/queries';
import type { ModelProblem, WhatIf } from '../api/types';
import { FlowPicture } from '../charts/FlowPicture';
import { formatCount, formatDay, formatFixed, formatShare } from '../lib/format';
import { Delta, Empty, ErrorState, Loading, Panel, PersonLink, Term, TierBadge, TierStep } from '../ui/bits';
import { useTitle, useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';
import { TomlEditor, type TomlEditorHandle } from '../ui/TomlEditor';

const kLargestFile = 1_000_000;

/** Try a draft model on everyone before it is made active. */
export default function WhatIfPage() {
  const { t } = usePreferences();
  useTitle(t('nav.what_if'));
  const [params, setUrl] = useUrl();
  const model = useModel();
  const models = useModels();
  const check = useModelCheck();
  const run = useWhatIf();
  const editor = useRef<TomlEditorHandle>(null);
  const file = useRef<HTMLInputElement>(null);
  const chosen = params.get('model') ?? 'active';
  const [draft, setDraft] = useState<string | null>(null);
  const [note, setNote] = useState<string | null>(null);

  const base = chosen === 'active' ? model.data?.toml : models.data?.models.find((one) => one.file === chosen)?.toml;
  const text = draft ?? base ?? '';
  const { reset: resetCheck } = check;
  useEffect(() => resetCheck(), [text, resetCheck]);

  const problems = check.data?.problems ?? [];
  const onRun = async () => {
    const outcome = await check.mutateAsync(text).catch(() => null);
    if (outcome?.ok) run.mutate(text);
    else if (outcome?.problems[0]) editor.current?.goTo(outcome.problems[0].line, outcome.problems[0].column);
  };
  const onFile = async (picked: File | undefined) => {
    if (!picked) return;
    if (picked.size > kLargestFile) {
      setNote(t('what_if.too_large'));
      return;
    }
    setDraft(await picked.text());
    setNote(t('what_if.from_file', { file: picked.name }));
  };

  return (
    <div className="page what-if">
      <div className="page-head">
        <div>
          <h1>{t('what_if.title')}</h1>
          <p className="lead">{t('what_if.lead')}</p>
        </div>
      </div>
      <p className="promise">{t('what_if.promise')}</p>
      <div className="columns">
        <Panel
          title={t('what_if.draft')}
          className="draft-panel"
          extra={
            <div className="filters">
              <Select
                aria-label={t('what_if.start')}
                className="model-select"
                value={draft === null || base !== undefined ? chosen : undefined}
                options={[
                  { value: 'active', label: t('what_if.active', { name: model.data ? `${model.data.name} ${model.data.version}` : '…' }) },
                  ...(models.data?.models ?? []).map((one) => ({ value: one.file, label: `${one.name} ${one.version} (${one.file})` })),
                ]}
                onChange={(value: string) => {
                  setDraft(null);
                  setNote(null);
                  run.reset();
                  setUrl({ model: value === 'active' ? null : value });
                }}
              />
              <Button icon={<UploadOutlined />} onClick={() => file.current?.click()}>{t('what_if.upload')}</Button>
              <input
                ref={file}
                type="file"
                accept=".toml,text/plain"
                className="visually-hidden"
                tabIndex={-1}
                aria-label={t('what_if.upload')}
                onChange={(event) => {
                  void onFile(event.target.files?.[0]);
                  event.target.value = '';
                }}
              />
            </div>
          }
        >
          {(model.isPending || models.isPending) && <Loading rows={8} />}
          {model.isError && <ErrorState error={model.error} retry={() => void model.refetch()} />}
          {note && <p className="muted small">{note}</p>}
          {(base !== undefined || draft !== null) && (
            <TomlEditor ref={editor} value={text} onChange={setDraft} problems={problems} />
          )}
          <div className="draft-actions">
            <Button type="primary" loading={run.isPending || check.isPending} disabled={text.trim() === ''} onClick={() => void onRun()}>{t('what_if.run')}</Button>
            <Button loading={check.isPending && !run.isPending} disabled={text.trim() === ''} onClick={() => check.mutate(text)}>{t('what_if.check')}</Button>
            {draft !== null && draft !== base && base !== undefined && (
              <Button type="text" onClick={() => { setDraft(null); setNote(null); }}>{t('what_if.undo')}</Button>
            )}
          </div>
          <CheckResult ok={check.data?.ok ?? null} problems={problems} onGo={(problem) => editor.current?.goTo(problem.line, problem.column)} />
          {check.isError && <ErrorState error={check.error} />}
        </Panel>
        <Panel title={t('what_if.result')} className="result-panel">
          {run.isPending && <Loading rows={8} />}
          {run.isError && <ErrorState error={run.error} />}
          {run.isIdle && <Empty title={t('what_if.idle')}>{t('what_if.idle_hint')}</Empty>}
          {run.data && <Result result={run.data} outdated={run.variables !== text} />}
        </Panel>
      </div>
    </div>
  );
}

function CheckResult({ ok, problems, onGo }: { ok: boolean | null; problems: ModelProblem[]; onGo: (problem: ModelProblem) => void }) {
  const { t } = usePreferences();
  if (ok === null) return null;
  if (ok) return <p className="check-ok" role="status">✓ {t('what_if.valid')}</p>;
  return (
    <div className="problems" role="alert">
      <strong>{t('what_if.problems', { n: problems.length })}</strong>
      <ul>
        {problems.map((problem, i) => (
          <li key={i}>
            {problem.line > 0 ? (
              <button type="button" className="event-link num" onClick={() => onGo(problem)}>{t('what_if.place', { line: String(problem.line), column: String(problem.column) })}</button>
            ) : null}{' '}
            {problem.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Result({ result, outdated }: { result: WhatIf; outdated: boolean }) {
  const { t, language } = usePreferences();
  const [all, setAll] = useState(false);
  const flows = useMemo(() => result.flows.filter((flow) => all || flow.from !== flow.to), [result, all]);
  const after = new Map(result.after.map((entry) => [entry.tier as string, entry.people]));
  return (
    <div data-testid="what-if-result" className={outdated ? 'stale' : undefined}>
      {outdated && <p className="note">{t('what_if.outdated')}</p>}
      <p className="muted">
        {t('what_if.ran', { n: result.people, ms: result.elapsed_ms, day: formatDay(result.at, language) })}{' '}
        {t('what_if.models', { active: `${result.active.name} ${result.active.version}`, draft: `${result.draft.name} ${result.draft.version}` })}
      </p>
      <table className="table counts">
        <thead>
          <tr>
            <th scope="col"><Term word="tier" /></th>
            <th scope="col" className="right">{t('what_if.before')}</th>
            <th scope="col" className="right">{t('what_if.after')}</th>
            <th scope="col" className="right">{t('what_if.change')}</th>
          </tr>
        </thead>
        <tbody>
          {result.before.map((entry) => {
            const then = after.get(entry.tier) ?? 0;
            return (
              <tr key={entry.tier}>
                <td><TierBadge tier={entry.tier} /></td>
                <td className="num right"><Link to={`/people?tier=${entry.tier}`}>{formatCount(entry.people, language)}</Link> <span className="muted small">{formatShare(entry.people, result.people, language)}</span></td>
                <td className="num right">{formatCount(then, language)} <span className="muted small">{formatShare(then, result.people, language)}</span></td>
                <td className="right"><Delta value={then - entry.people} plain /></td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="num moved-line">
        <span className="delta" data-sign="up">▲ {t('what_if.rise', { n: result.rises })}</span>{' '}
        <span className="delta" data-sign="down">▼ {t('what_if.fall', { n: result.falls })}</span>{' '}
        <span className="muted">{t('what_if.stayed', { n: result.stayed })}</span>
      </p>
      <div className="flow-head">
        <h3>{t('flow.title')}</h3>
        <Segmented
          size="small"
          aria-label={t('flow.title')}
          value={all ? 'all' : 'moved'}
          options={[{ value: 'moved', label: t('flow.moved') }, { value: 'all', label: t('flow.all') }]}
          onChange={(value) => setAll(value === 'all')}
        />
      </div>
      {flows.some((flow) => flow.people > 0) ? (
        <FlowPicture flows={flows} leftTitle={t('what_if.before')} rightTitle={t('what_if.after')} height={320} />
      ) : (
        <Empty title={t('what_if.nobody')} />
      )}
      {result.movers.length > 0 && (
        <>
          <h3>{t('what_if.movers')}</h3>
          <div className="movers" tabIndex={0}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t('column.person')}</th>
                  <th scope="col">{t('column.step')}</th>
                  <th scope="col" className="right"><Term word="index" /></th>
                </tr>
              </thead>
              <tbody>
                {result.movers.map((mover) => (
                  <tr key={mover.id}>
                    <td><PersonLink id={mover.id} /></td>
                    <td className="nowrap"><TierStep from={mover.from} to={mover.to} /></td>
                    <td className="num right nowrap">
                      {formatFixed(mover.index_before_milli / 1000, language, 1)} → {formatFixed(mover.index_after_milli / 1000, language, 1)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  );
}
