import { describe, expect, it } from 'vitest';
import { flowLayout, glassHalfWidth, spread } from './shapes';

describe('the glass', () => {
  it('is widest at the rim, narrows steadily and is as wide as the waist at the waist', () => {
    expect(glassHalfWidth(0, 180, 14)).toBeCloseTo(180);
    expect(glassHalfWidth(1, 180, 14)).toBeCloseTo(14);
    for (let v = 0.05; v <= 1; v += 0.05) {
      expect(glassHalfWidth(v, 180, 14)).toBeLessThan(glassHalfWidth(v - 0.05, 180, 14));
    }
  });
});

describe('the flow picture', () => {
  const flows = [
    { from: 'none', to: 'micro', people: 30 },
    { from: 'micro', to: 'weak', people: 10 },
    { from: 'micro', to: 'none', people: 20 },
    { from: 'weak', to: 'strong', people: 0 },
  ];
  const keys = ['none', 'micro', 'weak', 'strong'];
  it('loses nobody: ribbons at a node add up to the node', () => {
    const layout = flowLayout(keys, keys, flows, 300, 10);
    for (const node of layout.left) {
      const sum = layout.ribbons.filter((r) => r.from === node.key).reduce((s, r) => s + r.thickness, 0);
      expect(sum).toBeCloseTo(node.height);
    }
    for (const node of layout.right) {
      const sum = layout.ribbons.filter((r) => r.to === node.key).reduce((s, r) => s + r.thickness, 0);
      expect(sum).toBeCloseTo(node.height);
    }
    expect(layout.ribbons.reduce((s, r) => s + r.people, 0)).toBe(60);
  });
  it('leaves out empty ends and stays inside its height', () => {
    const layout = flowLayout(keys, keys, flows, 300, 10);
    expect(layout.left.map((n) => n.key)).toEqual(['none', 'micro']);
    for (const node of [...layout.left, ...layout.right]) {
      expect(node.y).toBeGreaterThanOrEqual(-0.001);
      expect(node.y + node.height).toBeLessThanOrEqual(300.001);
    }
  });
  it('draws nothing when nobody moved', () => {
    expect(flowLayout(keys, keys, [], 300, 10)).toEqual({ left: [], right: [], ribbons: [] });
  });
});

describe('labels', () => {
  it('are moved apart and stay within bounds', () => {
    const placed = spread([10, 12, 13, 95], 16, 0, 100);
    for (let i = 1; i < placed.length; ++i) expect(placed[i]! - placed[i - 1]!).toBeGreaterThanOrEqual(16);
    expect(placed[placed.length - 1]).toBeLessThanOrEqual(100);
  });
});
