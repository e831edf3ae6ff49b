// Colours for model files: splits a line of TOML into pieces. For reading only; the server checks.

export type PieceKind = 'comment' | 'table' | 'key' | 'text' | 'number' | 'word' | 'plain';
export interface Piece {
  kind: PieceKind;
  text: string;
}

const token =
  /(#.*$)|("(?:[^"\\]|\\.)*"?|'[^']*'?)|([+-]?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false)\b/;

export function piecesOf(line: string): Piece[] {
  if (/^\s*\[/.test(line)) {
    const comment = /\]\s*(#.*)$/.exec(line)?.[1];
    const head = comment ? line.slice(0, line.length - comment.length) : line;
    return comment ? [{ kind: 'table', text: head }, { kind: 'comment', text: comment }] : [{ kind: 'table', text: head }];
  }
  const pieces: Piece[] = [];
  let rest = line;
  const key = /^\s*[A-Za-z0-9_.-]+(?=\s*=)/.exec(rest);
  if (key) {
    pieces.push({ kind: 'key', text: key[0] });
    rest = rest.slice(key[0].length);
  }
  while (rest) {
    const match = token.exec(rest);
    if (!match) {
      pieces.push({ kind: 'plain', text: rest });
      break;
    }
    if (match.index > 0) pieces.push({ kind: 'plain', text: rest.slice(0, match.index) });
    const kind: PieceKind = match[1] ? 'comment' : match[2] ? 'text' : match[3] ? 'number' : 'word';
    pieces.push({ kind, text: match[0] });
    rest = rest.slice(match.index + match[0].length);
  }
  return pieces;
}

/** Where in the text a 1-based line and column stand. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = lines.slice(0, Math.max(0, line - 1)).reduce((sum, one) => sum + one.length + 1, 0);
  const within = Math.min(Math.max(0, column - 1), lines[line - 1]?.length ?? 0);
  return Math.min(before + within, text.length);
}
