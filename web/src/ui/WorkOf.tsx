import type { Work } from '../api/types';
import { formatDuration } from '../lib/format';
import { usePreferences } from './preferences';

/** A long piece of work: what it does, how far it is, how it ended. */
export function WorkOf({ work }: { work: Work }) {
  const { t, language, named } = usePreferences();
  const share = work.total ? Math.min(1, work.done / work.total) : null;
  return (
    <div className="work">
      <p>
        <strong>{named('work', work.name)}</strong> · {named('phase', work.phase)}
        {work.detail && <span className="muted"> · {work.detail}</span>}
      </p>
      {work.finished_at === null || work.finished_at === undefined ? (
        <>
          {share !== null && <div className="work-bar"><span style={{ width: `${share * 100}%` }} /></div>}
          <p className="num muted">
            {work.total ? t('progress.of', { done: work.done, total: work.total, unit: named('unit', work.unit) }) : t('progress.done', { done: work.done, unit: named('unit', work.unit) })}
            {' · '}{t('progress.rate', { rate: work.per_second, unit: named('unit', work.unit) })}
            {work.seconds_left !== null && work.seconds_left !== undefined && <> · {t('progress.left', { time: formatDuration(work.seconds_left, language) })}</>}
          </p>
        </>
      ) : (
        <p className="num muted">
          {work.ok ? '✓' : '✗'} {work.message || t(work.ok ? 'system.finished' : 'system.failed')}
        </p>
      )}
    </div>
  );
}
