import type { Check, Explanation, Gate } from '../api/types';
import { tierRank } from '../lib/tiers';
import { Panel, Term, TierBadge } from '../ui/bits';
import { usePreferences } from '../ui/preferences';

/** One condition: the value and what it must be, with a mark that does not need colour. */
function CheckLine({ check, rising, blocking = false }: { check: Check; rising: boolean; blocking?: boolean }) {
  const { t, language } = usePreferences();
  const passes = rising ? check.enters : check.keeps;
  const state = !check.observable ? 'unseen' : passes ? 'pass' : 'fail';
  const sign = check.at_least ? '≥' : '≤';
  return (
    <li className="check" data-state={state}>
      <span className="mark" aria-label={t(`gate.${state}`)} role="img">{state === 'pass' ? '✓' : state === 'fail' ? '✗' : '?'}</span>
      <span className="check-name">{language === 'en' ? check.en : check.zh}</span>
      {check.observable ? (
        <span className="check-values num">
          <strong>{check.value_text}</strong>
          <span className="muted"> {sign} {rising ? check.enter_text : check.keep_text}</span>
          {rising && check.keep_text !== check.enter_text && <span className="muted small"> {t('gate.keep', { bar: check.keep_text })}</span>}
          {!rising && check.keep_text !== check.enter_text && <span className="muted small"> {t('gate.enter', { bar: check.enter_text })}</span>}
        </span>
      ) : (
        <span className="muted">{t(blocking ? 'observable.not_yet' : 'gate.left_out')}</span>
      )}
    </li>
  );
}

/** The nearest gate above, and what it still lacks. */
export function NextGate({ explanation }: { explanation: Explanation }) {
  const { t, named } = usePreferences();
  if (!explanation.next) {
    return <p className="next-gate muted">{t(explanation.reading.tier === 'super_strong' ? 'gate.highest' : 'gate.top')}</p>;
  }
  const blocked = explanation.gates.some((gate) => gate.tier === explanation.next && !gate.observable);
  return (
    <div className="next-gate">
      <h3>{t('gate.next', { tier: named('tier', explanation.next) })}</h3>
      {explanation.to_open.length === 0 ? (
        <p className="muted">{t('gate.next_close')}</p>
      ) : (
        <ul className="checks">{explanation.to_open.map((check, i) => <CheckLine key={i} check={check} rising blocking={blocked && !check.option} />)}</ul>
      )}
    </div>
  );
}

export function Gates({ explanation }: { explanation: Explanation }) {
  const { t } = usePreferences();
  return (
    <div className="gates">
      <p className="lead"><Term word="gate" /> · {t('gate.lead')}</p>
      {explanation.gates.map((gate) => (
        <GateCard key={gate.tier} gate={gate} current={explanation.reading.tier} next={explanation.next ?? null} />
      ))}
    </div>
  );
}

function GateCard({ gate, current, next }: { gate: Gate; current: string; next: string | null }) {
  const { t } = usePreferences();
  // For a tier already held the staying bar counts, for one above it the rising bar.
  const rising = tierRank(gate.tier) > tierRank(current);
  const required = gate.checks.filter((check) => !check.option);
  const options = gate.checks.filter((check) => check.option);
  const verdict = !gate.observable ? 'unseen' : (rising ? gate.enters : gate.keeps) ? 'pass' : 'fail';
  return (
    <Panel
      className={`gate ${verdict}${gate.tier === next ? ' next' : ''}`}
      title={<TierBadge tier={gate.tier} />}
      extra={
        <span className="gate-verdict" data-state={verdict}>
          {t(verdict === 'unseen' ? 'observable.not_yet' : verdict === 'pass' ? (rising ? 'gate.open' : 'gate.held') : rising ? 'gate.closed' : 'gate.failing')}
        </span>
      }
    >
      {required.length > 0 && <ul className="checks">{required.map((check, i) => <CheckLine key={i} check={check} rising={rising} blocking={!gate.observable} />)}</ul>}
      {options.length > 0 && (
        <>
          <h3>{t('gate.options', { n: gate.options_needed })}</h3>
          <ul className="checks">{options.map((check, i) => <CheckLine key={i} check={check} rising={rising} />)}</ul>
        </>
      )}
    </Panel>
  );
}
