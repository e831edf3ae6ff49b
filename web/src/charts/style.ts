import type { Palette } from '../lib/tiers';

/** Tooltips that look like the rest of the page. Their texts go through escapeHtml. */
export function tooltipStyle(palette: Palette) {
  return {
    backgroundColor: palette.surface,
    borderColor: palette.line,
    borderWidth: 1,
    padding: [8, 10],
    textStyle: { color: palette.ink, fontSize: 12 },
    extraCssText: 'box-shadow:0 4px 16px rgba(0,0,0,.16);border-radius:6px;',
  };
}
