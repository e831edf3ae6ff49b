import { useMemo } from 'react';
import type { Truth, TruthJudged } from '../api/types';
import { escapeHtml } from '../lib/escape';
import { formatCompact, formatCount, formatDay, formatShare, formatShortDay } from '../lib/format';
import { colourOf, cumulated, expectedOf } from '../lib/truth';
import { usePreferences } from '../ui/preferences';
import { usePalette } from '../ui/theme';
import Chart from './Chart';
import { tooltipStyle } from './style';

interface Axes {
  ink: string;
  muted: string;
  line: string;
}
function valueAxis({ muted, line }: Axes, name: string, format: (value: number) => string) {
  return {
    type: 'value', name, nameLocation: 'middle', nameTextStyle: { color: muted }, min: 0,
    splitLine: { lineStyle: { color: line } }, axisLine: { lineStyle: { color: line } },
    axisLabel: { color: muted, hideOverlap: true, formatter: format },
  };
}
function tip(title: string, rows: [string, string][]): string {
  const body = rows.map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`).join('');
  return `<div class="tip"><b>${escapeHtml(title)}</b><table>${body}</table></div>`;
}

interface CalibrationProps {
  judged: TruthJudged;
  colour: string;
  format: (value: number) => string;
  label: string;
  onPart: (part: number) => void;
}

/** Tenths by what was foretold: the mean foretold against the mean that came. Right is on the diagonal. */
export function CalibrationChart({ judged, colour, format, label, onPart }: CalibrationProps) {
  const { t, language } = usePreferences();
  const palette = usePalette();
  const option = useMemo(() => {
    const top = Math.max(...judged.parts.map((part) => Math.max(part.forecast, part.most)), 0) * 1.05 || 1;
    const axes = { ink: palette.ink, muted: palette.muted, line: palette.line };
    return {
      animationDuration: 200,
      grid: { left: 30, right: 18, top: 12, bottom: 26, containLabel: true },
      tooltip: {
        trigger: 'item',
        confine: true,
        ...tooltipStyle(palette),
        formatter: ({ dataIndex, seriesId }: { dataIndex: number; seriesId: string }) => {
          const part = judged.parts[dataIndex];
          if (!part || seriesId === 'diagonal') return '';
          return tip(t('truth.tenth', { n: part.part + 1 }), [
            [t('truth.people'), formatCount(part.people, language)],
            [t('truth.foretold'), format(part.forecast)],
            [t('truth.came'), format(part.actual)],
            [t('truth.interval'), `${format(part.least)} – ${format(part.most)}`],
          ]);
        },
      },
      xAxis: { ...valueAxis(axes, t('truth.foretold_mean'), format), nameGap: 28, max: top },
      yAxis: { ...valueAxis(axes, t('truth.came_mean'), format), nameGap: 52, max: top },
      series: [
        { id: 'diagonal', type: 'line', silent: true, symbol: 'none', lineStyle: { color: palette.muted, type: 'dashed', width: 1 }, data: [[0, 0], [top, top]] },
        {
          id: 'bars', type: 'custom', silent: true, z: 2,
          renderItem: (_: unknown, api: { value: (i: number) => number; coord: (at: number[]) => number[] }) => {
            const [x, low] = api.coord([api.value(0), api.value(1)]) as [number, number];
            const [, high] = api.coord([api.value(0), api.value(2)]) as [number, number];
            const style = { stroke: colour, lineWidth: 1.5, opacity: 0.7 };
            const across = (y: number) => ({ type: 'line', shape: { x1: x - 4, y1: y, x2: x + 4, y2: y }, style });
            return { type: 'group', children: [{ type: 'line', shape: { x1: x, y1: low, x2: x, y2: high }, style }, across(low), across(high)] };
          },
          data: judged.parts.map((part) => [part.forecast, part.least, part.most]),
        },
        {
          id: 'points', type: 'scatter', symbolSize: 12, z: 3, cursor: 'pointer',
          itemStyle: { color: colour, borderColor: palette.surface, borderWidth: 1.5 },
          data: judged.parts.map((part) => [part.forecast, part.actual]),
        },
      ],
    };
  }, [judged, colour, format, language, palette, t]);
  return (
    <Chart
      option={option}
      height={330}
      label={label}
      onClick={(event) => {
        const part = judged.parts[event.dataIndex ?? -1];
        if (part) onPart(part.part);
      }}
    />
  );
}

interface TrackingProps {
  truth: Truth;
  models: string[];
  inSum: boolean;
  nameOf: (name: string) => string;
  label: string;
  onWeek: (from: string) => void;
}

/** Repeat purchases by week beside what models expect, with the line between what was known and what came. */
export function TrackingChart({ truth, models, inSum, nameOf, label, onWeek }: TrackingProps) {
  const { t, language } = usePreferences();
  const palette = usePalette();
  // A horizon that is no whole number of weeks cuts the last one short: of one week it would look like a fall.
  const weeks = useMemo(() => {
    if (inSum) return cumulated(truth.weeks, models);
    return truth.horizon_days % 7 === 0 || truth.horizon_days < 7 ? truth.weeks : truth.weeks.slice(0, -1);
  }, [truth, models, inSum]);
  const option = useMemo(() => {
    const axes = { ink: palette.ink, muted: palette.muted, line: palette.line };
    const line = (name: string, colour: string, width: number, data: number[]) => ({
      name, type: 'line', symbol: 'circle', symbolSize: 5, showSymbol: false, triggerLineEvent: true,
      lineStyle: { color: colour, width }, itemStyle: { color: colour }, data,
    });
    return {
      animationDuration: 200,
      grid: { left: 8, right: 18, top: 24, bottom: 4, containLabel: true },
      tooltip: {
        trigger: 'axis',
        confine: true,
        ...tooltipStyle(palette),
        formatter: (params: { dataIndex: number }[]) => {
          const week = weeks[params[0]?.dataIndex ?? -1];
          if (!week) return '';
          return tip(t('truth.week_of', { day: formatDay(week.from, language) }), [
            [t('truth.came'), formatCount(week.purchases, language)],
            ...models.map((model): [string, string] => [nameOf(model), formatCount(expectedOf(week, model), language)]),
          ]);
        },
      },
      xAxis: {
        type: 'category', boundaryGap: false, data: weeks.map((week) => week.from),
        axisLine: { lineStyle: { color: palette.line } }, axisTick: { show: false },
        axisLabel: { color: palette.muted, hideOverlap: true, formatter: (day: string) => formatShortDay(day, language) },
      },
      yAxis: valueAxis(axes, '', (value) => formatCompact(value, language)),
      series: [
        {
          ...line(t('truth.came'), palette.ink, 2.5, weeks.map((week) => week.purchases)),
          markLine: {
            silent: true, symbol: 'none', lineStyle: { color: palette.fall, type: 'dashed', width: 1.5 },
            label: { color: palette.fall, formatter: formatShortDay(truth.at, language), position: 'end' },
            data: [{ xAxis: truth.at }],
          },
        },
        ...models.map((model) => line(nameOf(model), colourOf(palette, model), 1.5, weeks.map((week) => expectedOf(week, model)))),
      ],
    };
  }, [weeks, models, nameOf, language, palette, t, truth.at]);
  return (
    <Chart
      option={option}
      height={300}
      label={label}
      onClick={(event) => {
        const week = weeks[event.dataIndex ?? -1];
        if (week) onWeek(week.from);
      }}
    />
  );
}

interface LiftProps {
  truth: Truth;
  of: 'buyers_caught' | 'spend_caught';
  names: string[];
  nameOf: (name: string) => string;
  label: string;
  onPart: (predictor: string, part: number) => void;
}

/** The best by each ranking, and the share of the whole they held. */
export function LiftChart({ truth, of, names, nameOf, label, onPart }: LiftProps) {
  const { t, language } = usePreferences();
  const palette = usePalette();
  const chosen = useMemo(() => truth.predictors.filter((one) => names.includes(one.name) && one[of].length > 0), [truth, names, of]);
  const option = useMemo(() => {
    const axes = { ink: palette.ink, muted: palette.muted, line: palette.line };
    const percent = (value: number) => formatShare(value, 1, language);
    return {
      animationDuration: 200,
      grid: { left: 30, right: 18, top: 12, bottom: 26, containLabel: true },
      tooltip: {
        trigger: 'item',
        confine: true,
        ...tooltipStyle(palette),
        formatter: ({ seriesIndex, dataIndex }: { seriesIndex: number; dataIndex: number }) => {
          const one = chosen[seriesIndex - 1];
          const caught = one?.[of][dataIndex - 1];
          if (!one || !caught) return '';
          return tip(nameOf(one.name), [
            [t('truth.best_share'), percent(caught.people_share)],
            [t('truth.held'), percent(caught.caught_share)],
            [t('truth.lift'), (caught.caught_share / caught.people_share).toFixed(2)],
          ]);
        },
      },
      xAxis: { ...valueAxis(axes, t('truth.best_share'), (value) => formatShare(value, 1, language)), nameGap: 28, max: 1 },
      yAxis: { ...valueAxis(axes, t('truth.held'), (value) => formatShare(value, 1, language)), nameGap: 52, max: 1 },
      series: [
        { type: 'line', silent: true, symbol: 'none', lineStyle: { color: palette.muted, type: 'dashed', width: 1 }, data: [[0, 0], [1, 1]] },
        ...chosen.map((one) => ({
          type: 'line', symbol: 'circle', symbolSize: 7, cursor: 'pointer',
          lineStyle: { width: one.name === 'index' ? 2.5 : 1.5, color: colourOf(palette, one.name) },
          itemStyle: { color: colourOf(palette, one.name) },
          data: [[0, 0], ...one[of].map((caught) => [caught.people_share, caught.caught_share])],
        })),
      ],
    };
  }, [chosen, of, nameOf, language, palette, t]);
  return (
    <Chart
      option={option}
      height={330}
      label={label}
      onClick={(event) => {
        const one = chosen[((event as { seriesIndex?: number }).seriesIndex ?? 0) - 1];
        const caught = one?.[of][(event.dataIndex ?? 0) - 1];
        if (one && caught) onPart(one.name, caught.part);
      }}
    />
  );
}
