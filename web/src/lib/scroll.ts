// Scrolling millions of rows. A browser cannot lay out an element taller than about 30 million
// pixels, so beyond a limit the scroller is shorter than the list: near moves go one to one, far
// jumps (dragging the bar, End) map in proportion, as SlickGrid does.
// Pure: a state goes in with the new scrollTop and a state comes out.

export interface ScrollGeometry {
  rows: number;
  rowHeight: number;
  viewHeight: number;
  maxHeight: number;
}

export interface ScrollState {
  /** Where the browser's scroller stands. */
  scrollTop: number;
  /** List pixels minus scroller pixels: what is added to scrollTop to know the list's position. */
  shift: number;
}

export function listHeight(g: ScrollGeometry): number {
  return g.rows * g.rowHeight;
}
/** Height of the element inside the scroller. */
export function scrollerHeight(g: ScrollGeometry): number {
  return Math.min(listHeight(g), g.maxHeight);
}

function clampPosition(g: ScrollGeometry, position: number): number {
  return Math.max(0, Math.min(position, Math.max(0, listHeight(g) - g.viewHeight)));
}

/** The state whose list position is `position` (in list pixels). */
export function stateAt(g: ScrollGeometry, position: number): ScrollState {
  const at = clampPosition(g, position);
  const range = scrollerHeight(g) - g.viewHeight;
  const listRange = listHeight(g) - g.viewHeight;
  const scrollTop = listRange <= 0 || range <= 0 ? 0 : Math.round((at / listRange) * range);
  return { scrollTop, shift: at - scrollTop };
}

/** The browser reports a new scrollTop. `REQUIRES` `before` made for the same geometry. */
export function scrolled(g: ScrollGeometry, before: ScrollState, scrollTop: number): ScrollState {
  if (listHeight(g) <= g.maxHeight) return { scrollTop, shift: 0 };
  const range = scrollerHeight(g) - g.viewHeight;
  const listRange = listHeight(g) - g.viewHeight;
  if (scrollTop <= 0) return { scrollTop: 0, shift: 0 };
  if (scrollTop >= range) return { scrollTop: range, shift: listRange - range };
  const near = Math.abs(scrollTop - before.scrollTop) < g.viewHeight * 2;
  if (near) {
    const position = clampPosition(g, scrollTop + before.shift);
    return { scrollTop, shift: position - scrollTop };
  }
  const position = clampPosition(g, (scrollTop / range) * listRange);
  return { scrollTop, shift: position - scrollTop };
}

export interface Visible {
  first: number;
  last: number;
  /** Pixels from the top of the scroller's content to the first row. */
  top: number;
}

/** Rows to draw: what is in view and `overscan` on either side. `last` is exclusive. */
export function visibleRows(g: ScrollGeometry, state: ScrollState, overscan: number): Visible {
  const position = state.scrollTop + state.shift;
  const first = Math.max(0, Math.floor(position / g.rowHeight) - overscan);
  const last = Math.min(g.rows, Math.ceil((position + g.viewHeight) / g.rowHeight) + overscan);
  return { first, last: Math.max(first, last), top: first * g.rowHeight - state.shift };
}

/** The state that shows `row`, moving as little as possible. */
export function revealRow(g: ScrollGeometry, state: ScrollState, row: number): ScrollState {
  const position = state.scrollTop + state.shift;
  const top = row * g.rowHeight;
  if (top < position) return near(g, state, top);
  if (top + g.rowHeight > position + g.viewHeight) return near(g, state, top + g.rowHeight - g.viewHeight);
  return state;
}

function near(g: ScrollGeometry, state: ScrollState, position: number): ScrollState {
  const range = scrollerHeight(g) - g.viewHeight;
  const scrollTop = position - state.shift;
  const within = listHeight(g) > g.maxHeight ? scrollTop > 0 && scrollTop < range : true;
  if (within && Math.abs(scrollTop - state.scrollTop) < g.viewHeight * 2) {
    return { scrollTop, shift: state.shift };
  }
  return stateAt(g, position);
}
