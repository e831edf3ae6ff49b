import { formatCount } from '../lib/format';
import { flowLayout, spread } from '../lib/shapes';
import { kTierNames, tierRank, type Palette } from '../lib/tiers';
import { usePreferences } from '../ui/preferences';
import { useWidth } from '../ui/hooks';
import { usePalette } from '../ui/theme';
import { SvgLink } from './Hourglass';

export interface FlowEdge {
  from: string;
  to: string;
  people: number;
}

/** The key of those who were not yet there at the start. */
export const kNew = 'new';

interface Props {
  flows: FlowEdge[];
  leftTitle: string;
  rightTitle: string;
  linkTo?: (flow: FlowEdge) => string;
  height?: number;
}

/** Tiers at the start on the left, at the end on the right, people as ribbons between them. */
export function FlowPicture({ flows, leftTitle, rightTitle, linkTo, height = 360 }: Props) {
  const { t, language, named } = usePreferences();
  const palette = usePalette();
  const [box, width] = useWidth<HTMLDivElement>();
  const top = 26;
  const label = width < 430 ? 92 : 128;
  const nodeWidth = 12;
  const keys = [...kTierNames];
  const layout = flowLayout([...keys, kNew], keys, flows, height - top - 8, 12);
  const x0 = label;
  const x1 = width - label - nodeWidth;
  const nameOf = (key: string) => (key === kNew ? t('flow.new') : named('tier', key));
  const colour = (key: string) => colourOf(palette, key);
  const labels = (ends: typeof layout.left) =>
    spread(ends.map((end) => top + end.y + end.height / 2), 30, top + 12, height - 12);
  const leftLabels = labels(layout.left);
  const rightLabels = labels(layout.right);

  return (
    <div ref={box} className="flow">
      {width > 0 && layout.ribbons.length > 0 && (
        <svg width={width} height={height} role="group" aria-label={t('flow.picture')}>
          <text x={x0 + nodeWidth} y={14} textAnchor="end" className="flow-title">{leftTitle}</text>
          <text x={x1} y={14} className="flow-title">{rightTitle}</text>
          <g>
            {layout.ribbons.map((ribbon) => {
              const bend = (x1 - x0 - nodeWidth) / 2;
              const a = x0 + nodeWidth;
              const thickness = Math.max(1, ribbon.thickness);
              const path = `M${a} ${top + ribbon.y0}C${a + bend} ${top + ribbon.y0} ${x1 - bend} ${top + ribbon.y1} ${x1} ${top + ribbon.y1}`;
              const text = t('flow.ribbon', { from: nameOf(ribbon.from), to: nameOf(ribbon.to), n: ribbon.people });
              const stroke = (
                <>
                  <title>{text}</title>
                  <path d={path} fill="none" stroke={colour(ribbon.to)} strokeWidth={thickness} className={`ribbon${ribbon.from === ribbon.to ? ' stay' : ''}`} />
                </>
              );
              return linkTo ? (
                <SvgLink key={`${ribbon.from}-${ribbon.to}`} to={linkTo(ribbon)} label={text}>{stroke}</SvgLink>
              ) : (
                <g key={`${ribbon.from}-${ribbon.to}`}>{stroke}</g>
              );
            })}
          </g>
          {layout.left.map((node, i) => (
            <g key={node.key}>
              <rect x={x0} y={top + node.y} width={nodeWidth} height={Math.max(1, node.height)} rx="2" fill={colour(node.key)} />
              <text x={x0 - 8} y={(leftLabels[i] ?? 0) - 2} textAnchor="end" className="flow-name">{nameOf(node.key)}</text>
              <text x={x0 - 8} y={(leftLabels[i] ?? 0) + 13} textAnchor="end" className="flow-count num">{formatCount(node.total, language)}</text>
            </g>
          ))}
          {layout.right.map((node, i) => (
            <g key={node.key}>
              <rect x={x1} y={top + node.y} width={nodeWidth} height={Math.max(1, node.height)} rx="2" fill={colour(node.key)} />
              <text x={x1 + nodeWidth + 8} y={(rightLabels[i] ?? 0) - 2} className="flow-name">{nameOf(node.key)}</text>
              <text x={x1 + nodeWidth + 8} y={(rightLabels[i] ?? 0) + 13} className="flow-count num">{formatCount(node.total, language)}</text>
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

function colourOf(palette: Palette, key: string): string {
  return key === kNew ? palette.muted : palette.tier[kTierNames[tierRank(key)] ?? 'none'];
}
