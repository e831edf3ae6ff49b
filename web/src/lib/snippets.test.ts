import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kSnippets, signedMessage } from './snippets';

const document = readFileSync(new URL('../../../docs/doors.md', import.meta.url), 'utf8').replace(/\s/g, '');

describe('what to paste', () => {
  it('sets every SDK up as the document says', () => {
    for (const snippet of kSnippets.filter((one) => one.name !== 'HTTP')) {
      const code = snippet.code('https://events.example.org', 'KEY').replace(/\s/g, '');
      const call = code
        .match(/=((?:new)?[A-Za-z.]+\([^;]*\));/)![1]!
        .replace("'guanxi:KEY'", "'guanxi:'+writeKey")
        .replace("writeKey:'KEY'", 'writeKey')
        .replace("'KEY'", 'writeKey');
      expect(document, snippet.name).toContain(call);
      expect(document).toContain(`\`${snippet.name}\``);
    }
  });
  it('names address and key in each', () => {
    for (const snippet of kSnippets) {
      expect(snippet.code('https://a.example', 'gxw_1')).toContain('https://a.example');
      expect(snippet.code('https://a.example', 'gxw_1')).toContain('gxw_1');
    }
    expect(signedMessage('https://a.example/hooks/1')).toContain('curl https://a.example/hooks/1');
  });
});
