import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { useSearchParams } from 'react-router-dom';
import { useWords } from '../api/queries';
import { usePreferences } from './preferences';

/** Width of an element in whole pixels, 0 before the first layout. */
export function useWidth<E extends HTMLElement>(): [RefObject<E>, number] {
  const ref = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const measure = () => setWidth(Math.floor(element.getBoundingClientRect().width));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const listen = () => setMatches(list.matches);
    listen();
    list.addEventListener('change', listen);
    return () => list.removeEventListener('change', listen);
  }, [query]);
  return matches;
}

/** The state that the URL carries. Setting a value to null removes it. */
export function useUrl(): [URLSearchParams, (changes: Record<string, string | null>, replace?: boolean) => void] {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (changes: Record<string, string | null>, replace = false) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === null || value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace },
      );
    },
    [setParams],
  );
  return [params, set];
}

/** A value that follows after a pause: for text fields that filter. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

export function useTitle(title: string): void {
  const { t } = usePreferences();
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
}

/** Names of kinds, facts and flags in the reader's language, as the server words them. */
export function useWordOf(): (list: 'kinds' | 'facts' | 'flags', name: string) => string {
  const { language } = usePreferences();
  const words = useWords().data;
  const maps = useMemo(() => {
    const made: Record<string, Map<string, string>> = {};
    for (const list of ['kinds', 'facts', 'flags'] as const) {
      made[list] = new Map((words?.[list] ?? []).map((word) => [word.name, language === 'en' ? word.en : word.zh]));
    }
    return made;
  }, [words, language]);
  return useCallback((list, name) => maps[list]?.get(name) ?? name.replace(/_/g, ' '), [maps]);
}

/** The tab that an address names, or the first one where it names none of them. */
export function tabOf(named: string | null, tabs: readonly string[]): string {
  return named !== null && tabs.includes(named) ? named : (tabs[0] ?? '');
}
