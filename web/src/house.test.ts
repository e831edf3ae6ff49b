import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kKindGroups } from './lib/kinds';
import { darkPalette, kTierNames, lightPalette } from './lib/tiers';

const root = new URL('.', import.meta.url).pathname;
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : /\.tsx?$/.test(entry.name) ? [join(folder, entry.name)] : [],
  );
}
const files = sources(root).filter((file) => !file.endsWith('.test.ts'));

describe('the house', () => {
  it('renders data as text only', () => {
    const banned = /dangerouslySetInnerHTML|\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function/;
    for (const file of files) expect(banned.test(readFileSync(file, 'utf8')), file).toBe(false);
  });
  it('has no texts outside of the language files', () => {
    for (const file of files.filter((name) => name.endsWith('.tsx') && !name.endsWith('Shell.tsx'))) {
      expect(/[\u4e00-\u9fff]/.test(readFileSync(file, 'utf8')), file).toBe(false);
    }
  });
  it('lets the server be asked in one place only', () => {
    for (const file of files.filter((name) => !name.endsWith('client.ts'))) {
      expect(/\bfetch\(|XMLHttpRequest|WebSocket/.test(readFileSync(file, 'utf8')), file).toBe(false);
    }
  });
  it('puts every kind of event in one group', () => {
    const kinds = Object.values(kKindGroups).flat();
    expect(kinds.length).toBe(64);
    expect(new Set(kinds).size).toBe(64);
  });
});

// Relative luminance and contrast as WCAG 2.2 defines them.
function luminance(colour: string): number {
  const part = (at: number) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

describe('the colour scale', () => {
  it.each([['light', lightPalette], ['dark', darkPalette]] as const)('%s: neighbours differ in lightness from none to strong', (name, palette) => {
    const steps = kTierNames.slice(0, 4).map((tier) => luminance(palette.tier[tier]));
    // "none" is a grey beside the scale; the scale itself runs one way only.
    for (let i = 2; i < steps.length; ++i) {
      if (name === 'light') expect(steps[i]!).toBeLessThan(steps[i - 1]!);
      else expect(steps[i]!).toBeGreaterThan(steps[i - 1]!);
    }
  });
  it.each([['light', lightPalette], ['dark', darkPalette]] as const)('%s: texts can be read', (_, palette) => {
    for (const colour of [palette.ink, palette.muted, palette.rise, palette.fall, palette.accent]) {
      expect(contrast(colour, palette.surface), colour).toBeGreaterThan(4.5);
    }
    for (const tier of kTierNames) expect(contrast(palette.onTier[tier], palette.tier[tier]), tier).toBeGreaterThan(4.2);
  });
});
