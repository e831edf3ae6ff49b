import { describe, expect, it } from 'vitest';
import { errorPlace, joinConditions, splitAt } from './where';

describe('errors in conditions', () => {
  it('are found at the place that the message names', () => {
    expect(errorPlace('column 9: unknown column "bad"')).toBe(9);
    expect(errorPlace('unknown column "bad" at position 5; one of id, tier')).toBe(5);
    expect(errorPlace('something else')).toBeNull();
  });
  it('mark the word that stands there', () => {
    expect(splitAt('tier = bad and x', 8)).toEqual(['tier = ', 'bad', ' and x']);
    expect(splitAt('tier =', 7)).toEqual(['tier =', '', '']);
    expect(splitAt('a', 99)).toEqual(['a', '', '']);
  });
});

describe('joining conditions', () => {
  it('keeps the meaning of or', () => {
    expect(joinConditions('', 'orders > 1')).toBe('orders > 1');
    expect(joinConditions('a = 1 or b = 2', 'orders > 1')).toBe('(a = 1 or b = 2) and orders > 1');
  });
});
