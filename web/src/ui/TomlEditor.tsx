import { forwardRef, useImperativeHandle, useMemo, useRef } from 'react';
import type { ModelProblem } from '../api/types';
import { offsetOf, piecesOf } from '../lib/toml';
import { usePreferences } from './preferences';

export interface TomlEditorHandle {
  goTo: (line: number, column: number) => void;
}

interface Props {
  value: string;
  onChange: (value: string) => void;
  problems: ModelProblem[];
}

const kLineHeight = 20;

/** A text field with line numbers, colours, and each problem shown at its place. */
export const TomlEditor = forwardRef<TomlEditorHandle, Props>(function TomlEditor({ value, onChange, problems }, handle) {
  const { t } = usePreferences();
  const area = useRef<HTMLTextAreaElement>(null);
  const back = useRef<HTMLDivElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => value.split('\n'), [value]);
  const bad = new Map(problems.filter((problem) => problem.line > 0).map((problem) => [problem.line, problem]));

  useImperativeHandle(handle, () => ({
    goTo(line, column) {
      const field = area.current;
      if (!field || line < 1) return;
      const offset = offsetOf(value, line, column);
      field.focus();
      field.setSelectionRange(offset, offset);
      field.scrollTop = Math.max(0, (line - 6) * kLineHeight);
    },
  }));

  const sync = () => {
    const field = area.current;
    if (!field) return;
    if (back.current) back.current.style.transform = `translate(${-field.scrollLeft}px, ${-field.scrollTop}px)`;
    if (gutter.current) gutter.current.style.transform = `translateY(${-field.scrollTop}px)`;
  };

  return (
    <div className="toml">
      <div className="toml-gutter" aria-hidden="true">
        <div ref={gutter}>
          {lines.map((_, i) => (
            <div key={i} className={bad.has(i + 1) ? 'bad' : undefined}>{i + 1}</div>
          ))}
        </div>
      </div>
      <div className="toml-body">
        <div className="toml-back" aria-hidden="true" ref={back}>
          {lines.map((line, i) => (
            <div key={i} className={bad.has(i + 1) ? 'bad' : undefined}>
              {piecesOf(line).map((piece, j) => <span key={j} className={`t-${piece.kind}`}>{piece.text}</span>)}
              {line === '' ? '\u200b' : ''}
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          aria-label={t('what_if.editor')}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onScroll={sync}
        />
      </div>
    </div>
  );
});
