// Geometry of what we draw ourselves: the glass and the flow ribbons. Pure.

/** Half the width of the glass at v: 0 is the rim, 1 the waist. Flat at both, like blown glass. */
export function glassHalfWidth(v: number, rim: number, waist: number): number {
  const clamped = Math.max(0, Math.min(1, v));
  return waist + ((rim - waist) * (1 + Math.cos(Math.PI * clamped))) / 2;
}

/** Outline of the glass between two heights; `half` gives the half width at y. */
export function bandPath(centre: number, y0: number, y1: number, half: (y: number) => number): string {
  const steps = 14;
  const right: string[] = [];
  const left: string[] = [];
  for (let i = 0; i <= steps; ++i) {
    const y = y0 + ((y1 - y0) * i) / steps;
    const h = half(y);
    right.push(`${(centre + h).toFixed(2)} ${y.toFixed(2)}`);
    left.push(`${(centre - h).toFixed(2)} ${y.toFixed(2)}`);
  }
  return `M${right.join('L')}L${left.reverse().join('L')}Z`;
}

export interface FlowEnd {
  key: string;
  total: number;
  y: number;
  height: number;
}
export interface FlowRibbon {
  from: string;
  to: string;
  people: number;
  y0: number;
  y1: number;
  thickness: number;
}
export interface FlowLayout {
  left: FlowEnd[];
  right: FlowEnd[];
  ribbons: FlowRibbon[];
}

/**
 * Places two columns of nodes and the ribbons between them. Nodes keep the given order; thickness
 * is in proportion to people, with one scale for both columns, so that ribbons and nodes agree.
 */
export function flowLayout(
  leftKeys: readonly string[],
  rightKeys: readonly string[],
  flows: readonly { from: string; to: string; people: number }[],
  height: number,
  gap: number,
): FlowLayout {
  const present = flows.filter((flow) => flow.people > 0);
  const totalOf = (key: string, end: 'from' | 'to') =>
    present.reduce((sum, flow) => (flow[end] === key ? sum + flow.people : sum), 0);
  const leftUsed = leftKeys.filter((key) => totalOf(key, 'from') > 0);
  const rightUsed = rightKeys.filter((key) => totalOf(key, 'to') > 0);
  const total = present.reduce((sum, flow) => sum + flow.people, 0);
  const gaps = Math.max(leftUsed.length, rightUsed.length, 1) - 1;
  const scale = total > 0 ? (height - gaps * gap) / total : 0;

  const place = (keys: string[], end: 'from' | 'to'): FlowEnd[] => {
    const used = keys.reduce((sum, key) => sum + totalOf(key, end) * scale, 0) + (keys.length - 1) * gap;
    let y = (height - used) / 2;
    return keys.map((key) => {
      const node = { key, total: totalOf(key, end), y, height: totalOf(key, end) * scale };
      y += node.height + gap;
      return node;
    });
  };
  const left = place(leftUsed, 'from');
  const right = place(rightUsed, 'to');

  const offsetLeft = new Map(left.map((node) => [node.key, node.y]));
  const offsetRight = new Map(right.map((node) => [node.key, node.y]));
  const ribbons: FlowRibbon[] = [];
  const order = (keys: readonly string[], key: string) => keys.indexOf(key);
  const sorted = [...present].sort(
    (a, b) => order(leftKeys, a.from) - order(leftKeys, b.from) || order(rightKeys, a.to) - order(rightKeys, b.to),
  );
  for (const flow of sorted) {
    const thickness = flow.people * scale;
    const y0 = offsetLeft.get(flow.from) ?? 0;
    const y1 = offsetRight.get(flow.to) ?? 0;
    ribbons.push({ ...flow, y0: y0 + thickness / 2, y1: y1 + thickness / 2, thickness });
    offsetLeft.set(flow.from, y0 + thickness);
    offsetRight.set(flow.to, y1 + thickness);
  }
  return { left, right, ribbons };
}

/** Moves labels apart so that none overlap: the smallest shifts, order kept. */
export function spread(wanted: readonly number[], least: number, top: number, bottom: number): number[] {
  const placed = [...wanted];
  for (let i = 0; i < placed.length; ++i) {
    const floor = i === 0 ? top : (placed[i - 1] ?? 0) + least;
    placed[i] = Math.max(placed[i] ?? 0, floor);
  }
  for (let i = placed.length - 1; i >= 0; --i) {
    const ceiling = i === placed.length - 1 ? bottom : (placed[i + 1] ?? 0) - least;
    placed[i] = Math.min(placed[i] ?? 0, ceiling);
  }
  return placed;
}
