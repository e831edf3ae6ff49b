// Figures of the value pages: what they are of, and how they read.
import type { Currency, Fit, FitParameter } from '../api/types';
import { formatFixed, formatMoney, kAbsent, type Language } from './format';

export type Parts = { own_minor: number; fission_minor: number; derived_minor: number };

/** A real number to four telling digits: 0.243, 4.414, 1234. */
export function formatReal(value: number | null | undefined, language: Language): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return kAbsent;
  const size = Math.abs(value);
  const digits = size === 0 ? 0 : Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(size))));
  return formatFixed(value, language, digits);
}

/** A change in standard errors; beyond two it is more than chance would make of it. */
export function driftOf(parameter: FitParameter): 'none' | 'still' | 'moved' {
  if (parameter.drift === null) return 'none';
  return Math.abs(parameter.drift) >= 2 ? 'moved' : 'still';
}

export function interval(
  least: number | null, most: number | null, currency: Currency, language: Language,
): string {
  const money = (minor: number | null) => formatMoney(minor, currency.code, language, currency.minor_digits);
  return `${money(least)} – ${money(most)}`;
}

/** How the expected purchases of everybody changed against the used fit before, as a share; null without one. */
export function totalChange(fit: Pick<Fit, 'expected_365_milli' | 'expected_365_before_milli'>): number | null {
  const { expected_365_milli: now, expected_365_before_milli: before } = fit;
  return now === null || before === null || before === 0 ? null : now / before - 1;
}

/** The share of value that the top share of people hold, from 101 places of the curve. */
export function heldBy(lorenz_bp: readonly number[], percent: number): number {
  return lorenz_bp[Math.max(0, Math.min(lorenz_bp.length - 1, Math.round(percent)))] ?? 0;
}

/** The least share of people, in percent, that hold at least so much of the value; 100 when none do sooner. */
export function holdersOf(lorenz_bp: readonly number[], bp: number): number {
  const at = lorenz_bp.findIndex((share) => share >= bp);
  return at < 0 ? 100 : at;
}
