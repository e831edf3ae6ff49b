import { describe, expect, it } from 'vitest';
import type { Truth, TruthJudged, TruthPredictor } from '../api/types';
import { bestOf, cumulated, judgedOf, offBy, trackedModels } from './truth';

function judged(mae: number, forecast: number, actual: number): TruthJudged {
  return { mae, rmse: mae, bias: 0, forecast_sum: forecast, actual_sum: actual, correlation: null, brier: null, log_loss: null, parts: [], tiers: [] };
}
function predictor(name: TruthPredictor['name'], purchases: TruthJudged | null, model: string | null): TruthPredictor {
  return {
    name, missing: null, note: null, auc: null, auc_least: null, auc_most: null, spearman: null, buyers_caught: [], spend_caught: [],
    purchases, spend: null, activity: null, fitted: model ? { model, log_likelihood: -1, parameters: [] } : null,
  };
}
const truth = {
  predictors: [
    predictor('index', null, null), predictor('naive', judged(2, 30, 20), null), predictor('mbg_nbd', judged(1, 19, 20), 'MBG/NBD'),
    predictor('mbg_cnbd_k', judged(1, 19, 20), 'MBG/NBD'), predictor('pareto_nbd', judged(0.9, 18, 20), 'Pareto/NBD'),
  ],
} as unknown as Truth;

describe('the page of truth', () => {
  it('leaves out who says nothing, and finds the best', () => {
    expect(judgedOf(truth, 'purchases').map((one) => one.name)).toEqual(['naive', 'mbg_nbd', 'mbg_cnbd_k', 'pareto_nbd']);
    expect(bestOf(truth, 'purchases')).toBe('pareto_nbd');
    expect(bestOf(truth, 'spend')).toBe(null);
  });
  it('says by how much a sum is off, and nothing of nothing', () => {
    expect(offBy(judged(1, 30, 20))).toBeCloseTo(0.5);
    expect(offBy(judged(1, 30, 0))).toBe(null);
  });
  it('draws a model once', () => {
    expect(trackedModels(truth)).toEqual(['mbg_nbd', 'pareto_nbd']);
  });
  it('sums weeks', () => {
    const weeks = [{ from: '2011-01-01', purchases: 3, expected: { a: 2.5 } }, { from: '2011-01-08', purchases: 1, expected: { a: 2 } }];
    expect(cumulated(weeks, ['a'])[1]).toEqual({ from: '2011-01-08', purchases: 4, expected: { a: 4.5 } });
  });
});
