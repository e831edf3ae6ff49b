import en from './en.json';
import zh from './zh-CN.json';
import { formatCount, type Language } from '../lib/format';

export type TextKey = keyof typeof en;
export type TextValues = Record<string, string | number>;

export const languages: Record<Language, Record<string, string>> = { en, 'zh-CN': zh };

// {n} is a value; {n|person|people} chooses by whether the value n is 1.
const slot = /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g;

/** The text of a key in a language. Numbers are grouped; what is missing shows its name. */
export function textOf(language: Language, key: TextKey, values: TextValues = {}): string {
  const pattern = languages[language][key] ?? key;
  return pattern.replace(slot, (whole: string, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one !== undefined) return (value === 1 || value === '1' ? one : many) ?? '';
    return typeof value === 'number' ? formatCount(value, language) : value;
  });
}

/** For names that come from the server: its text when we have one, else the name itself. */
export function textOrName(language: Language, prefix: string, name: string): string {
  return languages[language][`${prefix}.${name}`] ?? name.replace(/_/g, ' ');
}

/** The slots a pattern uses, for the test that both languages use the same ones. */
export function slotsOf(pattern: string): string[] {
  return [...new Set([...pattern.matchAll(slot)].map((m) => m[1] ?? ''))].sort();
}
