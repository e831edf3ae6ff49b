import type { Fit } from '../api/types';
import { formatCount, formatDay, formatDelta, formatFixed, formatMoment, formatShare } from '../lib/format';
import { driftOf, formatReal, totalChange } from '../lib/value';
import { Term } from './bits';
import { usePreferences } from './preferences';

/** Which model, of which fit, as of which day. */
export function FitLine({ fit }: { fit: Fit }) {
  const { t, language } = usePreferences();
  return (
    <span>
      {t('fit.line', { n: String(fit.number), model: fit.buying?.model ?? '–', day: formatDay(fit.as_of, language) })}
    </span>
  );
}

/** What one fit found, and how it went. */
export function FitDetails({ fit }: { fit: Fit }) {
  const { t, language } = usePreferences();
  const found = [fit.buying, fit.spending].filter((one) => one !== null);
  const change = totalChange(fit);
  return (
    <div className="fit-details">
      {found.length > 0 && (
        <div className="scroll-x">
          <table className="table compact">
            <thead>
              <tr>
                <th scope="col">{t('fit.model')}</th>
                <th scope="col">{t('fit.parameter')}</th>
                <th scope="col" className="right">{t('fit.value')}</th>
                <th scope="col" className="right"><Term word="standard_error">{t('fit.error')}</Term></th>
                <th scope="col" className="right"><Term word="drift">{t('fit.drift')}</Term></th>
              </tr>
            </thead>
            <tbody>
              {found.flatMap((one) =>
                one.parameters.map((parameter, i) => (
                  <tr key={one.model + parameter.name}>
                    <td>{i === 0 ? one.model : ''}</td>
                    <td><code>{parameter.name}</code></td>
                    <td className="num right">{formatReal(parameter.value, language)}</td>
                    <td className="num right">{formatReal(parameter.standard_error, language)}</td>
                    <td className="num right" data-drift={driftOf(parameter)}>
                      {parameter.drift === null ? '–' : formatDelta(parameter.drift, language, 1)}
                    </td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      )}
      {fit.buying_refused && <p className="wrong">{t('fit.refused', { why: fit.buying_refused })}</p>}
      {!fit.buying_refused && fit.spending_refused && <p className="wrong">{t('fit.no_spending', { why: fit.spending_refused })}</p>}
      <dl className="facts">
        <div><dt>{t('fit.customers')}</dt><dd className="num">{formatCount(fit.customers, language)}</dd></div>
        <div><dt>{t('fit.repeaters')}</dt><dd className="num">{formatCount(fit.repeaters, language)}</dd></div>
        {fit.buying && <div><dt>{t('fit.distinct')}</dt><dd className="num">{formatCount(fit.buying.distinct, language)}</dd></div>}
        {fit.buying && <div><dt><Term word="steepness">{t('fit.steepness')}</Term></dt><dd className="num">{fit.buying.steepness.toExponential(1)}</dd></div>}
        <div><dt>{t('fit.expected_365')}</dt><dd className="num">{fit.expected_365_milli === null ? '–' : formatCount(fit.expected_365_milli / 1000, language)}</dd></div>
        {change !== null && <div><dt>{t('fit.change')}</dt><dd className="num">{formatDelta(change * 100, language, 1)}%</dd></div>}
        {fit.spend_correlation !== null && <div><dt><Term word="spend_correlation">{t('fit.correlation')}</Term></dt><dd className="num">{formatFixed(fit.spend_correlation, language, 2)}</dd></div>}
        <div><dt>{t('fit.at')}</dt><dd className="num">{formatMoment(fit.fitted_at, language)}{fit.actor ? ` · ${fit.actor}` : ''}</dd></div>
        <div><dt><Term word="data_hash">{t('fit.hash')}</Term></dt><dd><code className="break">{fit.data_hash}</code></dd></div>
      </dl>
      {fit.candidates.length > 1 && (
        <p className="muted small">
          {t('fit.tried')}{' '}
          {fit.candidates.map((one) => `${one.model} ${one.log_likelihood === null ? '✗' : formatFixed(one.log_likelihood, language, 1)}`).join(' · ')}
        </p>
      )}
    </div>
  );
}

/** Alive or gone, as a share with a bar. */
export function AliveBar({ bp }: { bp: number }) {
  const { language } = usePreferences();
  return (
    <span className="index-bar">
      <span className="num">{formatShare(bp, 10_000, language)}</span>
      <span className="track" aria-hidden="true"><span className="fill alive-fill" style={{ width: `${bp / 100}%` }} /></span>
    </span>
  );
}
