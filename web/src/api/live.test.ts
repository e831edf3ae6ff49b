import { describe, expect, it } from 'vitest';
import { kNotesKept, withNewest } from './live';
import type { LiveNote } from './types';

const note = (number: number) => ({ number }) as LiveNote;

describe('withNewest', () => {
  it('shows the newest first and none twice', () => {
    const shown = withNewest([note(3), note(2)], [note(3), note(4), note(5)]);
    expect(shown.map((one) => one.number)).toEqual([5, 4, 3, 2]);
  });
  it('keeps a bounded number', () => {
    const many = Array.from({ length: 1000 }, (_, i) => note(i + 1));
    const shown = withNewest([], many);
    expect(shown).toHaveLength(kNotesKept);
    expect(shown[0]?.number).toBe(1000);
  });
});
