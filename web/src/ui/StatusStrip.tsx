import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router-dom';
import { useProgress, useStatus } from '../api/queries';
import { formatDuration } from '../lib/format';
import { usePreferences } from './preferences';

/** One line under the top bar while something long is running, or when something is wrong. */
export function StatusStrip() {
  const { t, language, named } = usePreferences();
  const progress = useProgress();
  const status = useStatus();
  const queries = useQueryClient();
  const running = progress.data?.running ?? false;
  const ran = useRef(false);
  useEffect(() => {
    if (ran.current && !running) {
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'progress' });
    }
    ran.current = running;
  }, [running, queries]);

  if (progress.isError && !progress.data) {
    return <div className="strip bad" role="status">{t('error.unreachable')}</div>;
  }
  const work = running ? progress.data?.current : null;
  if (work) {
    const share = work.total ? Math.min(1, work.done / work.total) : null;
    const label = `${named('work', work.name)} · ${named('phase', work.phase)}`;
    return (
      <div className="strip" role="status">
        <div
          className={`strip-bar${share === null ? ' unknown' : ''}`}
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={share === null ? undefined : Math.round(share * 100)}
        >
          <span style={{ width: share === null ? '30%' : `${share * 100}%` }} />
        </div>
        <strong>{label}</strong>
        {work.detail && <span className="strip-detail">{work.detail}</span>}
        {work.total ? (
          <span className="num">{t('progress.of', { done: work.done, total: work.total, unit: named('unit', work.unit) })}</span>
        ) : work.done > 0 ? (
          <span className="num">{t('progress.done', { done: work.done, unit: named('unit', work.unit) })}</span>
        ) : null}
        {work.per_second > 0 && <span className="num">{t('progress.rate', { rate: work.per_second, unit: named('unit', work.unit) })}</span>}
        {work.seconds_left !== null && work.seconds_left !== undefined && (
          <span className="num">{t('progress.left', { time: formatDuration(work.seconds_left, language) })}</span>
        )}
      </div>
    );
  }
  if (status.data?.read_only) {
    return <div className="strip bad" role="status">{t('status.read_only')}</div>;
  }
  if (status.data && status.data.refused > 0) {
    return (
      <div className="strip quiet" role="status">
        <Link to="/system?tab=dead-letters">{t('status.refused', { n: status.data.refused })}</Link>
      </div>
    );
  }
  return null;
}
