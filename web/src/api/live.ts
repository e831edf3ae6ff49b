// What comes through the doors, as it comes: /api/v1/live as a list that the page can show.
import { useEffect, useRef, useState } from 'react';
import { apiPath } from './client';
import type { LiveCount, LiveNote } from './types';

export const kNotesKept = 300;
const kShowEveryMs = 250;

export interface LiveQuery {
  outcome: string;
  kind: string;
}
export type LiveState = 'connecting' | 'open' | 'lost' | 'refused';
export interface Live {
  notes: LiveNote[];
  count: LiveCount;
  state: LiveState;
  /** Notes that came while paused. */
  waiting: number;
}

const kNothing: LiveCount = { arrived: 0, shown: 0, left_out: 0, not_held: 0 };

/** The newest first, none twice, at most kNotesKept. */
export function withNewest(before: LiveNote[], came: LiveNote[]): LiveNote[] {
  const newest = [...came].reverse();
  const last = before[0]?.number ?? 0;
  const fresh = newest.filter((note) => note.number > last);
  return [...fresh, ...before].slice(0, kNotesKept);
}

/** Watches the doors. Pausing keeps the connection and holds back what comes. */
export function useLive(query: LiveQuery, paused: boolean): Live {
  const [notes, setNotes] = useState<LiveNote[]>([]);
  const [count, setCount] = useState<LiveCount>(kNothing);
  const [state, setState] = useState<LiveState>('connecting');
  const [waiting, setWaiting] = useState(0);
  const held = useRef<LiveNote[]>([]);
  const stopped = useRef(paused);
  stopped.current = paused;

  useEffect(() => {
    held.current = [];
    setNotes([]);
    setCount(kNothing);
    setState('connecting');
    const source = new EventSource(apiPath('/live', { ...query }));
    source.onopen = () => {
      // A new connection begins with what came lately, counted anew when the server is a new one.
      held.current = [];
      setNotes([]);
      setState('open');
    };
    source.onerror = () => setState(source.readyState === EventSource.CLOSED ? 'refused' : 'lost');
    source.addEventListener('note', (event) => {
      held.current.push(JSON.parse((event as MessageEvent<string>).data) as LiveNote);
      if (held.current.length > kNotesKept) held.current.shift();
    });
    source.addEventListener('count', (event) => {
      setCount(JSON.parse((event as MessageEvent<string>).data) as LiveCount);
    });
    const timer = setInterval(() => {
      if (stopped.current) {
        setWaiting(held.current.length);
        return;
      }
      setWaiting(0);
      if (held.current.length === 0) return;
      const came = held.current;
      held.current = [];
      setNotes((before) => withNewest(before, came));
    }, kShowEveryMs);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, [query.outcome, query.kind]);

  return { notes, count, state, waiting };
}
