import { describe, expect, it } from 'vitest';
import { driftOf, formatReal, heldBy, holdersOf, interval, totalChange } from './value';

describe('figures of value', () => {
  it('show four telling digits', () => {
    expect(formatReal(0.2425945, 'en')).toBe('0.2426');
    expect(formatReal(30.9123, 'en')).toBe('30.91');
    expect(formatReal(12345.6, 'zh-CN')).toBe('12,346');
    expect(formatReal(0, 'en')).toBe('0');
    expect(formatReal(null, 'en')).toBe('–');
  });
  it('call a drift of two standard errors moved', () => {
    const parameter = { name: 'r', value: 1, standard_error: 0.1 };
    expect(driftOf({ ...parameter, drift: null })).toBe('none');
    expect(driftOf({ ...parameter, drift: -1.9 })).toBe('still');
    expect(driftOf({ ...parameter, drift: -2 })).toBe('moved');
  });
  it('compare totals with the fit before only when there is one', () => {
    expect(totalChange({ expected_365_milli: 1100, expected_365_before_milli: 1000 })).toBeCloseTo(0.1);
    expect(totalChange({ expected_365_milli: 1100, expected_365_before_milli: null })).toBeNull();
    expect(totalChange({ expected_365_milli: null, expected_365_before_milli: 1000 })).toBeNull();
  });
  it('read the curve from above', () => {
    const curve = Array.from({ length: 101 }, (_, i) => Math.min(10_000, i * 300));
    expect(heldBy(curve, 20)).toBe(6000);
    expect(heldBy([], 20)).toBe(0);
    expect(holdersOf(curve, 8000)).toBe(27);
    expect(holdersOf([0, 10, 20], 8000)).toBe(100);
  });
  it('write an interval in money', () => {
    expect(interval(1234, 98700, { code: 'CNY', minor_digits: 2 }, 'zh-CN')).toBe('¥12.34 – ¥987.00');
  });
});
