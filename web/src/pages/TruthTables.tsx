import { useState } from 'react';
import type { TruthPoint } from '../api/truth';
import type { Truth, TruthJudged } from '../api/types';
import { formatCount, formatDelta, formatFixed, formatShare, kAbsent } from '../lib/format';
import { bestOf, judgedOf, offBy, type Foretold } from '../lib/truth';
import { Panel, Term, TierBadge } from '../ui/bits';
import { usePreferences } from '../ui/preferences';
import { useFigure, WhatSwitch } from './TruthPictures';

interface TableProps {
  truth: Truth;
  nameOf: (name: string) => string;
}

function useOff(): (judged: TruthJudged) => string {
  const { language } = usePreferences();
  return (judged) => {
    const off = offBy(judged);
    return off === null ? kAbsent : `${formatDelta(off * 100, language, 1)}%`;
  };
}

/** In words: who was best, and by how much the sum was off. */
export function Verdict({ truth, nameOf }: TableProps) {
  const { t } = usePreferences();
  const figure = useFigure(truth);
  const off = useOff();
  const lines: string[] = [];
  for (const what of ['purchases', 'spend'] as const) {
    const best = bestOf(truth, what);
    const judged = judgedOf(truth, what).find((one) => one.name === best)?.judged;
    const naive = judgedOf(truth, what).find((one) => one.name === 'naive')?.judged;
    if (best && judged && naive) {
      lines.push(t(`truth.verdict_${what}`, {
        who: nameOf(best), mae: figure(what, judged.mae, 3), naive: figure(what, naive.mae, 3),
        forecast: what === 'spend' ? figure(what, judged.forecast_sum) : Math.round(judged.forecast_sum),
        came: what === 'spend' ? figure(what, judged.actual_sum) : Math.round(judged.actual_sum), off: off(judged),
      }));
    }
  }
  lines.push(t(truth.repeat_rate_rises ? 'truth.verdict_rises' : 'truth.verdict_rises_not'));
  return <ul className="verdict">{lines.map((line) => <li key={line}>{line}</li>)}</ul>;
}

export function ErrorsPanel({ truth, nameOf }: TableProps) {
  const { t, language } = usePreferences();
  const [what, setWhat] = useState<Foretold>('purchases');
  const figure = useFigure(truth);
  const off = useOff();
  const best = bestOf(truth, what);
  const rows = judgedOf(truth, what);
  const digits = what === 'purchases' ? 3 : 2;
  return (
    <Panel title={t('truth.errors')} extra={<WhatSwitch value={what} onChange={setWhat} />}>
      <div className="scroll-x">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('truth.foreteller')}</th>
              <th scope="col" className="right">{t('truth.foretold_sum')}</th>
              <th scope="col" className="right">{t('truth.came_sum')}</th>
              <th scope="col" className="right">{t('truth.off')}</th>
              <th scope="col" className="right"><Term word="mae" /></th>
              <th scope="col" className="right"><Term word="rmse" /></th>
              <th scope="col" className="right"><Term word="bias" /></th>
              <th scope="col" className="right"><Term word="correlation" /></th>
              {what === 'activity' && <th scope="col" className="right"><Term word="log_loss" /></th>}
              {what === 'activity' && <th scope="col" className="right"><Term word="brier" /></th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, judged }) => (
              <tr key={name} className={name === best ? 'best' : undefined}>
                <td className="nowrap">{nameOf(name)}{name === best && <span className="tag">{t('truth.best')}</span>}</td>
                <td className="num right">{what === 'spend' ? figure(what, judged.forecast_sum) : formatCount(judged.forecast_sum, language)}</td>
                <td className="num right">{what === 'spend' ? figure(what, judged.actual_sum) : formatCount(judged.actual_sum, language)}</td>
                <td className="num right">{off(judged)}</td>
                <td className="num right">{what === 'activity' ? formatFixed(judged.mae, language, 3) : figure(what, judged.mae, digits)}</td>
                <td className="num right">{what === 'activity' ? formatFixed(judged.rmse, language, 3) : figure(what, judged.rmse, digits)}</td>
                <td className="num right">{what === 'activity' ? formatFixed(judged.bias, language, 3) : figure(what, judged.bias, digits)}</td>
                <td className="num right">{formatFixed(judged.correlation, language, 3)}</td>
                {what === 'activity' && <td className="num right">{formatFixed(judged.log_loss, language, 4)}</td>}
                {what === 'activity' && <td className="num right">{formatFixed(judged.brier, language, 4)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Notes truth={truth} nameOf={nameOf} />
    </Panel>
  );
}

/** Who is missing, or leaves something open, with the reason as the server gives it. */
function Notes({ truth, nameOf }: TableProps) {
  const { t, language } = usePreferences();
  const notes = truth.predictors.flatMap((one) => {
    const why = one.missing ?? one.note;
    return why ? [{ name: one.name, text: t(one.missing ? 'truth.missing' : 'truth.note', { who: nameOf(one.name), why }) }] : [];
  });
  return (
    <>
      {notes.map((note) => <p className="muted small" key={note.name}>{note.text}</p>)}
      {truth.spend_note && <p className="muted small">{t('truth.spend_note', { why: truth.spend_note })}</p>}
      {truth.spend_purchase_correlation !== null && truth.spend_purchase_correlation !== undefined && (
        <p className="muted small">{t('truth.correlation_note', { r: formatFixed(truth.spend_purchase_correlation, language, 3) })}</p>
      )}
    </>
  );
}

export function AucPanel({ truth, nameOf }: TableProps) {
  const { t, language } = usePreferences();
  const rows = truth.predictors.filter((one) => one.auc !== null && one.auc !== undefined);
  if (rows.length === 0) return null;
  const least = Math.min(0.5, ...rows.map((one) => one.auc_least ?? 0.5));
  const at = (value: number | null | undefined) => `${(((value ?? least) - least) / (1 - least)) * 100}%`;
  return (
    <Panel title={t('truth.auc_title')}>
      <p className="muted small">{t('truth.auc_hint')}</p>
      <div className="scroll-x">
        <table className="table auc-table">
          <thead>
            <tr>
              <th scope="col">{t('truth.foreteller')}</th>
              <th scope="col" className="right"><Term word="auc" /></th>
              <th scope="col" className="right">{t('truth.interval')}</th>
              <th scope="col" className="auc-cell" aria-hidden="true" />
              <th scope="col" className="right"><Term word="spearman" /></th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={one.name}>
                <td className="nowrap">{nameOf(one.name)}</td>
                <td className="num right">{formatFixed(one.auc, language, 4)}</td>
                <td className="num right nowrap">{formatFixed(one.auc_least, language, 3)} – {formatFixed(one.auc_most, language, 3)}</td>
                <td className="auc-cell" aria-hidden="true">
                  <span className="auc-track">
                    <span className="auc-bar" style={{ left: at(one.auc_least), right: `calc(100% - ${at(one.auc_most)})` }} />
                    <span className="auc-dot" style={{ left: at(one.auc) }} />
                  </span>
                </td>
                <td className="num right">{formatFixed(one.spearman, language, 4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

export function TierPanel({ truth, nameOf, onPoint }: TableProps & { onPoint: (point: TruthPoint, title: string) => void }) {
  const { t, language, named } = usePreferences();
  const [what, setWhat] = useState<Foretold>('purchases');
  const figure = useFigure(truth);
  const able = judgedOf(truth, what);
  const shown = [...truth.tiers].reverse().filter((tier) => tier.people > 0);
  return (
    <Panel title={t('truth.by_tier')} extra={<WhatSwitch value={what} onChange={setWhat} />}>
      <p className="muted small">{t('truth.by_tier_hint')}</p>
      <div className="scroll-x">
        <table className="table">
          <thead>
            <tr>
              <th scope="col"><Term word="tier" /></th>
              <th scope="col" className="right">{t('truth.people')}</th>
              <th scope="col" className="right">{t('truth.buy_again')}</th>
              <th scope="col" className="right">{t('truth.came')}</th>
              {able.map((one) => <th scope="col" className="right" key={one.name}>{nameOf(one.name)}</th>)}
            </tr>
          </thead>
          <tbody>
            {shown.map((tier) => {
              const came = what === 'purchases' ? tier.mean_purchases : what === 'spend' ? tier.mean_spend_minor : tier.repeat_rate;
              return (
                <tr key={tier.tier}>
                  <td>
                    <button type="button" className="event-link" onClick={() => onPoint({ tier: tier.tier }, t('truth.tier_then', { tier: named('tier', tier.tier) }))}>
                      <TierBadge tier={tier.tier} />
                    </button>
                  </td>
                  <td className="num right">{formatCount(tier.people, language)}</td>
                  <td className="num right">{formatShare(tier.buyers, tier.people, language)}</td>
                  <td className="num right strong-cell">{figure(what, came)}</td>
                  {able.map((one) => {
                    const errors = one.judged.tiers.find((other) => other.tier === tier.tier);
                    return <td className="num right" key={one.name}>{errors ? figure(what, errors.forecast_sum / tier.people) : kAbsent}</td>;
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

export function ParametersPanel({ truth, nameOf }: TableProps) {
  const { t, language } = usePreferences();
  const fits = [...truth.predictors.flatMap((one) => (one.fitted ? [{ name: nameOf(one.name), fit: one.fitted, key: one.name as string }] : [])),
    ...(truth.spend_fit ? [{ name: truth.spend_fit.model, fit: truth.spend_fit, key: 'spend' }] : [])];
  if (fits.length === 0) return null;
  return (
    <Panel title={t('truth.parameters')}>
      <p className="muted small">{t('truth.parameters_hint')}</p>
      <div className="scroll-x">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('truth.foreteller')}</th>
              <th scope="col">{t('truth.values')}</th>
              <th scope="col" className="right"><Term word="log_likelihood" /></th>
            </tr>
          </thead>
          <tbody>
            {fits.map(({ name, fit, key }) => (
              <tr key={key}>
                <td className="nowrap">{name}</td>
                <td className="num">
                  {fit.parameters.map((one) => (
                    <span className="parameter" key={one.name}>
                      <var>{one.name}</var> {formatFixed(one.value, language, one.value >= 100 ? 1 : 4)}
                      {one.standard_error !== null && one.standard_error !== undefined && <span className="muted"> ± {formatFixed(one.standard_error, language, one.value >= 100 ? 1 : 4)}</span>}
                    </span>
                  ))}
                </td>
                <td className="num right">{formatFixed(fit.log_likelihood, language, 2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
