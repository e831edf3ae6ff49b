// Conditions on people as text: where an error stands, and joining conditions.

/** The 1-based place in the condition that an error message names, when it names one. */
export function errorPlace(message: string): number | null {
  const match = /\b(?:column|position|character|place|offset)\s+(\d+)/i.exec(message) ?? /^(\d+):/.exec(message);
  if (!match) return null;
  const place = Number(match[1]);
  return Number.isSafeInteger(place) && place >= 1 ? place : null;
}

/** The text before the place, the word that stands there, and the rest. */
export function splitAt(text: string, place: number): [string, string, string] {
  const start = Math.min(Math.max(0, place - 1), text.length);
  const word = /^(\s*[^\s()]+|.)/.exec(text.slice(start))?.[0] ?? '';
  return [text.slice(0, start), word, text.slice(start + word.length)];
}

export function joinConditions(left: string, right: string): string {
  const a = left.trim();
  const b = right.trim();
  if (!a) return b;
  if (!b) return a;
  const guard = (text: string) => (/\bor\b/i.test(text) ? `(${text})` : text);
  return `${guard(a)} and ${guard(b)}`;
}
