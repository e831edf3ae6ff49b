import { useMemo } from 'react';
import type { History } from '../api/types';
import { escapeHtml } from '../lib/escape';
import { formatDay, formatFixed, formatShortDay } from '../lib/format';
import { kTierNames, tierRank } from '../lib/tiers';
import { usePreferences } from '../ui/preferences';
import { usePalette } from '../ui/theme';
import Chart from './Chart';
import { tooltipStyle } from './style';

/** Stretches of days in one tier, from the points of the history. */
export function tierStretches(points: readonly { day: string; tier: string }[]): { from: string; to: string; tier: string }[] {
  const stretches: { from: string; to: string; tier: string }[] = [];
  for (const point of points) {
    const last = stretches[stretches.length - 1];
    if (last && last.tier === point.tier) last.to = point.day;
    else {
      if (last) last.to = point.day;
      stretches.push({ from: point.day, to: point.day, tier: point.tier });
    }
  }
  return stretches;
}

/** The index over time on the tiers it stood in, with a mark at every posting. */
export default function HistoryChart({ history }: { history: History }) {
  const { t, language, named } = usePreferences();
  const palette = usePalette();
  const option = useMemo(() => {
    const at = new Map(history.points.map((point) => [point.day, point]));
    const valueNear = (day: string) => {
      let best = history.points[0];
      for (const point of history.points) if (point.day <= day) best = point;
      return (best?.index_milli ?? 0) / 1000;
    };
    const highest = Math.max(...history.points.map((point) => point.index_milli / 1000), 0);
    const top = [20, 40, 60, 80].find((one) => highest <= one * 0.96) ?? 100;
    return {
      animationDuration: 300,
      grid: { left: 8, right: 16, top: 16, bottom: 4, containLabel: true },
      tooltip: {
        trigger: 'axis',
        confine: true,
        ...tooltipStyle(palette),
        formatter: (params: { value: [string, number] }[]) => {
          const point = at.get(params[0]?.value[0] ?? '');
          if (!point) return '';
          const rows: [string, string][] = [
            [t('term.index'), formatFixed(point.index_milli / 1000, language, 1)],
            [t('term.trust'), formatFixed(point.trust_bp / 10_000, language, 2)],
            [t('term.uncertainty'), formatFixed(point.uncertainty_bp / 10_000, language, 2)],
            [t('term.depth'), formatFixed(point.depth_bp / 10_000, language, 2)],
          ];
          return (
            `<div class="tip"><b>${escapeHtml(formatDay(point.day, language))} · ${escapeHtml(named('tier', point.tier))}</b><table>` +
            rows.map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`).join('') +
            '</table></div>'
          );
        },
      },
      xAxis: {
        type: 'time',
        axisLine: { lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: {
          color: palette.muted,
          hideOverlap: true,
          formatter: (value: number) => formatShortDay(new Date(value).toISOString().slice(0, 10), language),
        },
        splitLine: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: top,
        interval: top / 4,
        splitLine: { lineStyle: { color: palette.line } },
        axisLabel: { color: palette.muted },
      },
      series: [
        {
          type: 'line',
          name: t('term.index'),
          symbol: 'none',
          lineStyle: { width: 2, color: palette.ink },
          data: history.points.map((point) => [point.day, point.index_milli / 1000]),
          markArea: {
            silent: true,
            data: tierStretches(history.points).map((stretch) => [
              { xAxis: stretch.from, itemStyle: { color: palette.tier[kTierNames[tierRank(stretch.tier)] ?? 'none'], opacity: 0.22 } },
              { xAxis: stretch.to },
            ]),
          },
          markPoint: {
            symbol: 'triangle',
            symbolSize: 11,
            label: { show: false },
            data: history.postings.map((posting) => ({
              coord: [posting.day, valueNear(posting.day)],
              symbolRotate: posting.rise ? 0 : 180,
              itemStyle: { color: posting.rise ? palette.rise : palette.fall, borderColor: palette.surface, borderWidth: 1 },
            })),
          },
        },
      ],
    };
  }, [history, language, named, palette, t]);
  const used = kTierNames.filter((tier) => history.points.some((point) => point.tier === tier));
  const last = history.points[history.points.length - 1];
  return (
    <>
      <Chart
        option={option}
        height={240}
        label={t('history.label', { points: history.points.length, last: last ? formatFixed(last.index_milli / 1000, language, 1) : '–', postings: history.postings.length })}
      />
      <p className="legend">
        {used.map((tier) => <span key={tier}><i data-tier={tier} />{named('tier', tier)}</span>)}
        <span><b data-sign="up">▲</b>{t('changes.rise')}</span>
        <span><b data-sign="down">▼</b>{t('changes.fall')}</span>
      </p>
    </>
  );
}
