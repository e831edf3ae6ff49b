import { describe, expect, it } from 'vitest';
import { escapeHtml, prettyJson, showHidden } from './escape';

describe('escapeHtml', () => {
  it('leaves nothing that opens a tag, an attribute or an entity', () => {
    const hostile = `<img src=x onerror='alert(1)' title="&lt;" \`>`;
    const safe = escapeHtml(hostile);
    expect(safe).not.toMatch(/[<>"'`]/);
    expect(safe).toBe('&lt;img src=x onerror=&#39;alert(1)&#39; title=&quot;&amp;lt;&quot; &#96;&gt;');
  });
  it('takes anything', () => {
    expect(escapeHtml(null)).toBe('null');
    expect(escapeHtml(12)).toBe('12');
  });
});

describe('showHidden', () => {
  it('shows control characters and direction marks', () => {
    expect(showHidden('a\u0000b')).toBe('a␀b');
    expect(showHidden('user:\u202eada')).toBe('user:\ufffdada');
    expect(showHidden('关系 ok\n')).toBe('关系 ok\n');
  });
});

describe('prettyJson', () => {
  it('indents objects and JSON text, and leaves other text alone', () => {
    expect(prettyJson({ a: 1 })).toBe('{\n  "a": 1\n}');
    expect(prettyJson('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(prettyJson('a,b,c')).toBe('a,b,c');
  });
});
