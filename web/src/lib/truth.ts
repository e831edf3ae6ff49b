// What the page "Is it true?" makes of the figures it is given.
import type { Truth, TruthJudged, TruthPredictor, TruthWeek } from '../api/types';
import type { Palette } from './tiers';

export type Foretold = 'purchases' | 'spend' | 'activity';
export const kForetold: readonly Foretold[] = ['purchases', 'spend', 'activity'];

/** Those who say something of `what`. */
export function judgedOf(truth: Truth, what: Foretold): { name: string; judged: TruthJudged }[] {
  return truth.predictors.flatMap((one) => {
    const judged = one[what];
    return judged ? [{ name: one.name, judged }] : [];
  });
}

/** By how much a sum is off, as a share of what came; null when nothing came. */
export function offBy(judged: TruthJudged): number | null {
  return judged.actual_sum > 0 ? judged.forecast_sum / judged.actual_sum - 1 : null;
}

/** The foreteller with the smallest mean error. */
export function bestOf(truth: Truth, what: Foretold): string | null {
  let best: { name: string; mae: number } | null = null;
  for (const { name, judged } of judgedOf(truth, what)) {
    const error = what === 'activity' ? (judged.log_loss ?? judged.mae) : judged.mae;
    if (!best || error < best.mae) best = { name, mae: error };
  }
  return best?.name ?? null;
}

/** Models that expect something of each week; equal ones (k stopped at 1) once. */
export function trackedModels(truth: Truth): string[] {
  const seen = new Map<string, string>();
  for (const one of truth.predictors) {
    const model = one.fitted?.model;
    if (model && !seen.has(model)) seen.set(model, one.name);
  }
  return [...seen.values()];
}

/** Sums up to each week. */
export function cumulated(weeks: readonly TruthWeek[], models: readonly string[]): TruthWeek[] {
  let purchases = 0;
  const sums: Record<string, number> = {};
  return weeks.map((week) => {
    purchases += week.purchases;
    for (const model of models) sums[model] = (sums[model] ?? 0) + expectedOf(week, model);
    return { from: week.from, purchases, expected: { ...sums } };
  });
}
export function expectedOf(week: TruthWeek, model: string): number {
  const value = (week.expected as Record<string, unknown>)[model];
  return typeof value === 'number' ? value : 0;
}

/** What a model is called by the people of the field; rules by their own word. */
export function fittedName(predictor: TruthPredictor | undefined): string | null {
  return predictor?.fitted?.model ?? null;
}

export function colourOf(palette: Palette, name: string): string {
  const colours: Record<string, string> = {
    index: palette.ink, frequency: palette.tier.none, recency: palette.tier.micro, naive: palette.muted, rfm: palette.tier.weak,
    bg_nbd: palette.accent, mbg_nbd: palette.fall, mbg_cnbd_k: palette.rise, pareto_nbd: palette.tier.super_strong,
  };
  return colours[name] ?? palette.muted;
}
