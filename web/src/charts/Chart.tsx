import { CustomChart, LineChart, RadarChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, MarkLineComponent, MarkPointComponent, RadarComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';

use([
  CustomChart, LineChart, RadarChart, ScatterChart, GridComponent, TooltipComponent, MarkAreaComponent, MarkLineComponent, MarkPointComponent,
  RadarComponent, CanvasRenderer,
]);

interface ChartProps {
  option: EChartsCoreOption;
  height: number;
  /** Says in words what the picture shows: pictures must not be the only way to learn it. */
  label: string;
  onClick?: (event: { name?: string; seriesName?: string; dataIndex?: number; data?: unknown }) => void;
}

/** An ECharts picture that follows its container's width and is disposed with it. */
export default function Chart({ option, height, label, onClick }: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const click = useRef(onClick);
  click.current = onClick;

  useEffect(() => {
    const node = element.current;
    if (!node) return undefined;
    const made = init(node, undefined, { renderer: 'canvas' });
    chart.current = made;
    made.on('click', (event) => click.current?.(event as never));
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(node);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
  }, [option]);

  return <div ref={element} className="chart" style={{ height }} role="img" aria-label={label} />;
}
