// The five tiers and their own colour scale. The lightness rises or falls steadily from none to
// strong in each theme and super-strong is the one warm colour, so the order survives every kind of
// colour blindness; a badge shows its rank as filled bars as well, so colour is never needed.

export const kTierNames = ['none', 'micro', 'weak', 'strong', 'super_strong'] as const;
export type TierName = (typeof kTierNames)[number];

export const kVelocityNames = ['deepening', 'steady', 'drifting', 'at_risk', 'lost'] as const;
export type VelocityName = (typeof kVelocityNames)[number];

export const kDimensionNames = [
  'transaction', 'service', 'companionship', 'participation', 'advocacy', 'knowledge', 'values',
] as const;
export type DimensionName = (typeof kDimensionNames)[number];

export function tierRank(tier: string): number {
  const rank = (kTierNames as readonly string[]).indexOf(tier);
  return rank < 0 ? 0 : rank;
}

export interface Palette {
  tier: Record<TierName, string>;
  onTier: Record<TierName, string>;
  rise: string;
  fall: string;
  ink: string;
  muted: string;
  line: string;
  surface: string;
  accent: string;
}

export const lightPalette: Palette = {
  tier: { none: '#b6bcc4', micro: '#8cc4cd', weak: '#3b98ab', strong: '#1f598c', super_strong: '#b3392b' },
  onTier: { none: '#1c2127', micro: '#12262a', weak: '#06181c', strong: '#ffffff', super_strong: '#ffffff' },
  rise: '#0f6e66',
  fall: '#a34a08',
  ink: '#1c2127',
  muted: '#5c6470',
  line: '#e3e1db',
  surface: '#ffffff',
  accent: '#1d5c8a',
};

export const darkPalette: Palette = {
  tier: { none: '#5d6670', micro: '#3f7f8a', weak: '#53b3c4', strong: '#9cc9f5', super_strong: '#f2806c' },
  onTier: { none: '#ffffff', micro: '#ffffff', weak: '#06181c', strong: '#0d1b2a', super_strong: '#2a0b06' },
  rise: '#5cc9b8',
  fall: '#f0a55e',
  ink: '#e6e8eb',
  muted: '#9aa4b0',
  line: '#2d343c',
  surface: '#1a1e24',
  accent: '#7bb8e6',
};
