import { Button, Select } from 'antd';
import { useState } from 'react';
import { useExplanation } from '../api/queries';
import type { Explanation } from '../api/types';
import { formatCount, formatFixed, formatMoney } from '../lib/format';
import { kDimensionNames } from '../lib/tiers';
import { Empty, ErrorState, Loading, Panel, Term } from '../ui/bits';
import { EventLink } from '../ui/EventDrawer';
import { useUrl, useWordOf } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';

const kFirst = 200;
const kMost = 5000;

/** Every line that still counts and what it is worth; the lines add up exactly to the index. */
export function Evidence({ id, at }: { id: string; at: string | null }) {
  const { t, language } = usePreferences();
  const [limit, setLimit] = useState(kFirst);
  const explanation = useExplanation(id, at, limit);
  if (explanation.isPending) return <Loading rows={10} />;
  if (explanation.isError) return <ErrorState error={explanation.error} retry={() => void explanation.refetch()} />;
  const data = explanation.data;
  return (
    <div className="evidence" data-testid="evidence">
      <Waterfall data={data} />
      <Panel
        title={<><Term word="evidence">{t('evidence.lines')}</Term> <span className="num muted">{formatCount(data.evidence_total, language)}</span></>}
        extra={<DimensionFilter />}
      >
        {data.evidence_total === 0 ? <Empty title={t('evidence.none')} /> : <Lines data={data} />}
        {data.rest.lines > 0 && limit < kMost && (
          <div className="more">
            <Button loading={explanation.isFetching} onClick={() => setLimit(kMost)}>{t('evidence.more', { n: data.rest.lines })}</Button>
          </div>
        )}
      </Panel>
      <p className="muted small">{t('evidence.model', { name: data.model.name, version: data.model.version, hash: data.model.hash })}</p>
    </div>
  );
}

function DimensionFilter() {
  const { t, named } = usePreferences();
  const [params, setUrl] = useUrl();
  return (
    <Select
      className="dimension-select"
      allowClear
      aria-label={t('evidence.dimension')}
      placeholder={t('evidence.dimension')}
      value={params.get('dimension') ?? undefined}
      options={kDimensionNames.map((value) => ({ value, label: named('dimension', value) }))}
      onChange={(value?: string) => setUrl({ dimension: value ?? null }, true)}
    />
  );
}

/** From nothing to the index, one dimension at a time. */
function Waterfall({ data }: { data: Explanation }) {
  const { t, language, named } = usePreferences();
  let sum = 0;
  const steps = data.dimensions.map((dimension) => {
    const start = sum;
    sum += dimension.index_milli;
    return { ...dimension, start, end: sum };
  });
  const low = Math.min(0, ...steps.map((step) => Math.min(step.start, step.end)));
  const high = Math.max(1, data.reading.index_milli, ...steps.map((step) => Math.max(step.start, step.end)));
  const place = (value: number) => (100 * (value - low)) / (high - low);
  return (
    <Panel title={t('evidence.waterfall')}>
      <table className="table waterfall">
        <tbody>
          {steps.map((step) => (
            <tr key={step.dimension} className={step.observable ? undefined : 'unseen'}>
              <th scope="row">{named('dimension', step.dimension)}</th>
              <td className="fall-cell">
                {step.observable ? (
                  <span
                    className="fall-bar"
                    data-sign={step.index_milli < 0 ? 'down' : 'up'}
                    style={{ left: `${place(Math.min(step.start, step.end))}%`, width: `${step.index_milli === 0 ? 0 : Math.max(0.3, place(Math.max(step.start, step.end)) - place(Math.min(step.start, step.end)))}%` }}
                  />
                ) : (
                  <span className="hatched">{t('observable.short')}</span>
                )}
              </td>
              <td className="num right">{step.observable ? formatFixed(step.index_milli / 1000, language, 3) : '–'}</td>
            </tr>
          ))}
          <tr className="sum">
            <th scope="row"><Term word="index" /></th>
            <td className="fall-cell"><span className="fall-bar total" style={{ left: `${place(0)}%`, width: `${place(data.reading.index_milli) - place(0)}%` }} /></td>
            <td className="num right" data-testid="index-total">{formatFixed(data.reading.index_milli / 1000, language, 3)}</td>
          </tr>
        </tbody>
      </table>
    </Panel>
  );
}

function Lines({ data }: { data: Explanation }) {
  const { t, language, named } = usePreferences();
  const wordOf = useWordOf();
  const [params] = useUrl();
  const dimension = params.get('dimension');
  const lines = data.evidence.filter((line) => !dimension || line.dimension === dimension);
  const largest = Math.max(1, ...data.evidence.map((line) => Math.abs(line.index_milli)));
  const points = (value: number) => formatFixed(value / 65_536, language, 2);
  const shown = lines.reduce((sum, line) => sum + line.index_milli, 0);
  return (
    <table className="table lines">
      <thead>
        <tr>
          <th scope="col">{t('evidence.event')}</th>
          <th scope="col" className="right">{t('evidence.points')}</th>
          <th scope="col" className="right">{t('evidence.outcomes')}</th>
          <th scope="col" className="right">{t('evidence.share')}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line, i) => (
          <tr key={`${line.ordinal} ${line.rule} ${i}`}>
            <td>
              <EventLink ordinal={line.ordinal}>{wordOf('kinds', line.kind)}</EventLink>
              {line.derived && <span className="tag">{t('evidence.derived')}</span>}
              <span className="line-what">
                {line.title && <span className="line-title">{line.title}</span>}
                {line.amount_minor !== null && line.amount_minor !== undefined && (
                  <span className="num"> {formatMoney(line.amount_minor, data.currency.code, language, data.currency.minor_digits)}</span>
                )}
              </span>
              <span className="line-sub muted">
                <span className="num">{line.at.slice(0, 10)}</span> · {named('dimension', line.dimension)} · <code>{line.rule}</code>
              </span>
            </td>
            <td className="num right nowrap"><span className="muted">{points(line.first_16)} →</span> {points(line.worth_16)}</td>
            <td className="num right nowrap">
              {line.good_16 !== 0 && <span data-sign="up" className="delta">+{points(line.good_16)}</span>}{' '}
              {line.bad_16 !== 0 && <span data-sign="down" className="delta">−{points(line.bad_16)}</span>}
            </td>
            <td className="right nowrap share-cell">
              <span className="share-bar" aria-hidden="true">
                <span data-sign={line.index_milli < 0 ? 'down' : 'up'} style={{ width: `${(100 * Math.abs(line.index_milli)) / largest}%` }} />
              </span>
              <span className="num">{formatFixed(line.index_milli / 1000, language, 3)}</span>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        {!dimension && data.rest.lines > 0 && (
          <tr>
            <td colSpan={3}>{t('evidence.rest', { n: data.rest.lines })}</td>
            <td className="num right">{formatFixed(data.rest.index_milli / 1000, language, 3)}</td>
          </tr>
        )}
        {dimension && (
          <tr>
            <td colSpan={3}>{t('evidence.rest_other')}</td>
            <td className="num right">{formatFixed((data.reading.index_milli - shown) / 1000, language, 3)}</td>
          </tr>
        )}
        <tr className="sum">
          <td colSpan={3}>{t('evidence.sum')}</td>
          <td className="num right">{formatFixed((dimension ? data.reading.index_milli : shown + data.rest.index_milli) / 1000, language, 3)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
