import { useMemo } from 'react';
import type { Hourglass } from '../api/types';
import { escapeHtml } from '../lib/escape';
import { formatCompact, formatCount, formatDay, formatShare, formatShortDay } from '../lib/format';
import { kTierNames } from '../lib/tiers';
import { usePreferences } from '../ui/preferences';
import { usePalette } from '../ui/theme';
import Chart from './Chart';
import { tooltipStyle } from './style';

/** People per tier over the period, stacked, the deepest at the bottom. */
export default function TierSeries({ data, onTier }: { data: Hourglass; onTier: (tier: string) => void }) {
  const { t, language, named } = usePreferences();
  const palette = usePalette();
  const option = useMemo(() => {
    const tiers = [...kTierNames].reverse();
    return {
      animationDuration: 300,
      grid: { left: 8, right: 16, top: 14, bottom: 4, containLabel: true },
      tooltip: {
        trigger: 'axis',
        confine: true,
        ...tooltipStyle(palette),
        formatter: (params: { dataIndex: number }[]) => {
          const point = data.series[params[0]?.dataIndex ?? 0];
          if (!point) return '';
          const total = kTierNames.reduce((sum, tier) => sum + point[tier], 0);
          const rows = [...kTierNames].map(
            (tier) =>
              `<tr><td><i style="background:${palette.tier[tier]}"></i>${escapeHtml(named('tier', tier))}</td>` +
              `<td>${escapeHtml(formatCount(point[tier], language))}</td>` +
              `<td>${escapeHtml(formatShare(point[tier], total, language))}</td></tr>`,
          );
          return `<div class="tip"><b>${escapeHtml(formatDay(point.day, language))}</b><table>${rows.join('')}</table></div>`;
        },
      },
      xAxis: {
        type: 'category',
        boundaryGap: false,
        data: data.series.map((point) => point.day),
        axisLine: { lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: { color: palette.muted, hideOverlap: true, formatter: (day: string) => formatShortDay(day, language) },
      },
      yAxis: {
        type: 'value',
        splitLine: { lineStyle: { color: palette.line } },
        axisLabel: { color: palette.muted, formatter: (value: number) => formatCompact(value, language) },
      },
      series: tiers.map((tier) => ({
        name: tier,
        type: 'line',
        stack: 'people',
        triggerLineEvent: true,
        symbol: 'none',
        lineStyle: { width: 1, color: palette.surface },
        areaStyle: { color: palette.tier[tier], opacity: 0.94 },
        emphasis: { focus: 'none' },
        data: data.series.map((point) => point[tier]),
      })),
    };
  }, [data, language, named, palette]);
  const last = data.series[data.series.length - 1];
  const label = last
    ? `${t('hourglass.series_title')}. ${formatDay(last.day, language)}: ${kTierNames
        .map((tier) => `${named('tier', tier)} ${formatCount(last[tier], language)}`)
        .join(', ')}`
    : t('hourglass.series_title');
  return (
    <Chart
      option={option}
      height={260}
      label={label}
      onClick={(event) => {
        if (event.seriesName) onTier(event.seriesName);
      }}
    />
  );
}
