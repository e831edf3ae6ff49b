import { useMemo } from 'react';
import { escapeHtml } from '../lib/escape';
import { formatShare } from '../lib/format';
import { heldBy } from '../lib/value';
import { usePreferences } from '../ui/preferences';
import { usePalette } from '../ui/theme';
import Chart from './Chart';
import { tooltipStyle } from './style';

const kMark = 20;

/** The share of own value that the most valuable share of customers hold; straight when all are alike. */
export default function LorenzChart({ lorenz_bp, label }: { lorenz_bp: readonly number[]; label: string }) {
  const { t, language } = usePreferences();
  const palette = usePalette();
  const option = useMemo(() => {
    const held = heldBy(lorenz_bp, kMark) / 100;
    const percent = (value: number) => formatShare(value, 100, language).replace(/\.0(?=\s?%)/, '');
    return {
      animationDuration: 300,
      grid: { left: 8, right: 20, top: 18, bottom: 24, containLabel: true },
      tooltip: {
        trigger: 'axis',
        confine: true,
        ...tooltipStyle(palette),
        formatter: (params: { value: [number, number] }[]) => {
          const [people, value] = params[0]?.value ?? [0, 0];
          return escapeHtml(t('value.lorenz_tip', { people: percent(people), value: percent(value) }));
        },
      },
      xAxis: {
        type: 'value', min: 0, max: 100, interval: 20,
        name: t('value.lorenz_people'), nameLocation: 'middle', nameGap: 26,
        nameTextStyle: { color: palette.muted },
        axisLine: { lineStyle: { color: palette.line } },
        axisLabel: { color: palette.muted, formatter: percent },
        splitLine: { show: false },
      },
      yAxis: {
        type: 'value', min: 0, max: 100, interval: 20,
        axisLabel: { color: palette.muted, formatter: percent },
        splitLine: { lineStyle: { color: palette.line } },
      },
      series: [
        {
          type: 'line', silent: true, symbol: 'none', data: [[0, 0], [100, 100]],
          lineStyle: { color: palette.muted, width: 1, type: 'dashed' }, tooltip: { show: false },
        },
        {
          type: 'line', symbol: 'none', smooth: false,
          data: lorenz_bp.map((share, i) => [i, share / 100]),
          lineStyle: { color: palette.accent, width: 2.5 },
          areaStyle: { color: palette.accent, opacity: 0.12 },
          markLine: {
            silent: true, symbol: 'none',
            lineStyle: { color: palette.tier.super_strong, width: 1.5, type: 'solid' },
            label: { show: true, position: 'insideEndTop', color: palette.ink, formatter: percent(held) },
            data: [[{ coord: [kMark, 0], label: { show: false } }, { coord: [kMark, held] }], [{ coord: [0, held] }, { coord: [kMark, held] }]],
          },
        },
      ],
    };
  }, [lorenz_bp, language, palette, t]);
  return <Chart option={option} height={300} label={label} />;
}
