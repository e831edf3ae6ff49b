// What the page "Is it true?" asks of the server.
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, postJson } from './client';
import type { Truth, TruthAsk, TruthDesk, TruthPeople } from './types';

export function useTruthDesk() {
  return useQuery({
    queryKey: ['truth'],
    queryFn: ({ signal }) => get<TruthDesk>('/truth', {}, signal),
    refetchInterval: (query) => (query.state.data?.running ? 500 : false),
    staleTime: 0,
  });
}

/** Of a run that has ended: it never changes. */
export function useTruth(number: number | null) {
  return useQuery({
    queryKey: ['truth', number],
    queryFn: ({ signal }) => get<Truth>(`/truth/${number}`, {}, signal),
    enabled: number !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useStandBack() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (ask: TruthAsk) => postJson<TruthDesk>('/truth', ask),
    onSuccess: (desk) => queries.setQueryData(['truth'], desk),
  });
}

export function useStopTruth() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => postJson<TruthDesk>('/truth/stop', {}),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['truth'], exact: true }),
  });
}

/** Whom one point of a picture stands for. */
export interface TruthPoint {
  predictor?: string;
  what?: string;
  part?: number;
  above?: boolean;
  tier?: string;
  week?: string;
}

const kPage = 100;
export function useTruthPeople(number: number, point: TruthPoint | null) {
  return useInfiniteQuery({
    queryKey: ['truth-people', number, point],
    queryFn: ({ pageParam, signal }) =>
      get<TruthPeople>(`/truth/${number}/people`, { ...point, offset: pageParam, limit: kPage }, signal),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.offset + last.limit < last.total ? last.offset + last.limit : undefined),
    enabled: point !== null,
  });
}
