import { describe, expect, it } from 'vitest';
import { offsetOf, piecesOf } from './toml';

describe('colours of a model file', () => {
  it('lose no character', () => {
    for (const line of ['name = "retail" # why', '[[evidence]]  # rules', 'weight = -1.5', "a = 'x # no'", 'broken = "open', '', '  k.d=[1, 2]']) {
      expect(piecesOf(line).map((piece) => piece.text).join('')).toBe(line);
    }
  });
  it('know comments from text', () => {
    expect(piecesOf('a = "# no" # yes').filter((piece) => piece.kind === 'comment')).toEqual([{ kind: 'comment', text: '# yes' }]);
  });
});

describe('a line and column', () => {
  it('become a place in the text', () => {
    const text = 'one\ntwo\nthree';
    expect(text.slice(offsetOf(text, 2, 1))).toBe('two\nthree');
    expect(text.slice(offsetOf(text, 3, 3))).toBe('ree');
    expect(offsetOf(text, 99, 1)).toBe(text.length);
    expect(offsetOf(text, 0, 0)).toBe(0);
  });
});
