import { describe, expect, it } from 'vitest';
import { revealRow, scrolled, scrollerHeight, stateAt, visibleRows, type ScrollGeometry } from './scroll';

const small: ScrollGeometry = { rows: 1000, rowHeight: 36, viewHeight: 600, maxHeight: 8_000_000 };
const huge: ScrollGeometry = { rows: 5_000_000, rowHeight: 36, viewHeight: 600, maxHeight: 8_000_000 };

describe('a list that fits', () => {
  it('scrolls one to one', () => {
    const at = scrolled(small, { scrollTop: 0, shift: 0 }, 3600);
    expect(at).toEqual({ scrollTop: 3600, shift: 0 });
    expect(visibleRows(small, at, 0)).toEqual({ first: 100, last: 117, top: 3600 });
  });
});

describe('five million rows', () => {
  it('stay under the height a browser can lay out', () => {
    expect(scrollerHeight(huge)).toBe(8_000_000);
  });
  it('move by single rows near by, everywhere in the list', () => {
    let state = stateAt(huge, 2_345_678 * 36);
    expect(visibleRows(huge, state, 0).first).toBe(2_345_678);
    for (let i = 0; i < 50; ++i) state = scrolled(huge, state, state.scrollTop + 36);
    expect(visibleRows(huge, state, 0).first).toBe(2_345_728);
  });
  it('reach the first and the last row', () => {
    const end = scrolled(huge, { scrollTop: 0, shift: 0 }, 8_000_000 - 600);
    expect(visibleRows(huge, end, 0).last).toBe(5_000_000);
    const start = scrolled(huge, end, 0);
    expect(visibleRows(huge, start, 0).first).toBe(0);
  });
  it('map a far jump in proportion', () => {
    const half = scrolled(huge, { scrollTop: 0, shift: 0 }, (8_000_000 - 600) / 2);
    expect(Math.abs(visibleRows(huge, half, 0).first - 2_500_000)).toBeLessThan(20);
  });
  it('draw rows where the eye is: the first row stands at the top of the view', () => {
    for (const row of [0, 1, 77, 1_000_000, 4_999_980]) {
      const state = stateAt(huge, row * 36);
      const seen = visibleRows(huge, state, 0);
      expect(Math.abs(seen.top - state.scrollTop)).toBeLessThan(36);
    }
  });
  it('never leave the list, whatever the scroller says', () => {
    let state = stateAt(huge, 0);
    let seed = 12345;
    for (let i = 0; i < 5000; ++i) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      state = scrolled(huge, state, (seed / 2147483648) * (8_000_000 - 600));
      const seen = visibleRows(huge, state, 5);
      expect(seen.first).toBeGreaterThanOrEqual(0);
      expect(seen.last).toBeLessThanOrEqual(5_000_000);
      expect(seen.last - seen.first).toBeGreaterThan(10);
    }
  });
  it('reveal a row with the smallest move', () => {
    const state = stateAt(huge, 1_000_000 * 36);
    expect(revealRow(huge, state, 1_000_003)).toBe(state);
    const below = revealRow(huge, state, 1_000_020);
    expect(visibleRows(huge, below, 0).last).toBe(1_000_021);
    const far = revealRow(huge, state, 4_000_000);
    const seen = visibleRows(huge, far, 0);
    expect(seen.first <= 4_000_000 && seen.last > 4_000_000).toBe(true);
  });
});
