import { describe, expect, it } from 'vitest';
import en from './en.json';
import zh from './zh-CN.json';
import { slotsOf, textOf, textOrName, type TextKey } from './text';

describe('both languages', () => {
  it('have the same keys in the same order', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
  });
  it('use the same values in each text', () => {
    for (const key of Object.keys(en) as TextKey[]) {
      expect(slotsOf(zh[key]), key).toEqual(slotsOf(en[key]));
    }
  });
  it('have no empty text, and no English left in the Chinese by oversight', () => {
    for (const [key, text] of Object.entries(zh)) {
      expect(text.trim(), key).not.toBe('');
      if (!key.startsWith('only_latin.')) {
        expect(key === 'app.switch_language' || /[\u4e00-\u9fff]/.test(text) || !/[a-z]{4,}/.test(text.replace(/\{[^}]*\}/g, '')), `${key}: ${text}`).toBe(true);
      }
    }
    for (const [key, text] of Object.entries(en)) {
      expect(text.trim(), key).not.toBe('');
      if (key !== 'app.switch_language') expect(/[\u4e00-\u9fff]/.test(text), `${key}: ${text}`).toBe(false);
    }
  });
});

describe('texts', () => {
  it('group numbers and choose the plural', () => {
    expect(textOf('en', 'people.total', { n: 1 })).toBe('1 person');
    expect(textOf('en', 'people.total', { n: 5942 })).toBe('5,942 people');
    expect(textOf('zh-CN', 'people.total', { n: 5942 })).toBe('共 5,942 人');
  });
  it('never evaluate what a value holds', () => {
    expect(textOf('en', 'people.total', { n: '<img src=x onerror=alert(1)> {n}' })).toBe(
      '<img src=x onerror=alert(1)> {n} people',
    );
  });
  it('fall back to the name for what only the server knows', () => {
    expect(textOrName('en', 'tier', 'super_strong')).toBe('Super-strong');
    expect(textOrName('zh-CN', 'work', 'some_new_kind')).toBe('some new kind');
  });
});
