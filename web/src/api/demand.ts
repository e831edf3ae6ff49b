// What is asked of the server about needs of people and demand for products.
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { apiPath, get, postJson } from './client';
import type { DemandBoard, Done, Needs, ProductDemand, ProductPeople, Replenishment } from './types';

const kPage = 50;

export interface BoardQuery {
  q: string;
  sort: string;
  desc: boolean;
  wanted: boolean;
  margin_minor: number;
  loss_minor: number;
}

function nextOffset(last: { offset: number; total: number; rows: unknown[] }): number | undefined {
  return last.offset + last.rows.length < last.total && last.rows.length > 0 ? last.offset + last.rows.length : undefined;
}

export function useDemand(query: BoardQuery) {
  return useInfiniteQuery({
    queryKey: ['demand', query],
    queryFn: ({ pageParam, signal }) => get<DemandBoard>('/demand', { ...query, offset: pageParam, limit: kPage }, signal),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    // Soon again while it is being worked out.
    refetchInterval: (state) => (state.state.data?.pages[0]?.work.current || state.state.data?.pages[0]?.day === null ? 1500 : false),
  });
}
export function useProductDemand(product: string | null, margin_minor: number, loss_minor: number) {
  return useQuery({
    queryKey: ['product-demand', product, margin_minor, loss_minor],
    queryFn: ({ signal }) => get<ProductDemand>(`/products/${encodeURIComponent(product ?? '')}/demand`, { margin_minor, loss_minor }, signal),
    enabled: product !== null,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}
export function useProductPeople(product: string, of: string) {
  return useInfiniteQuery({
    queryKey: ['product-people', product, of],
    queryFn: ({ pageParam, signal }) =>
      get<ProductPeople>(`/products/${encodeURIComponent(product)}/people`, { of, offset: pageParam, limit: kPage }, signal),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    staleTime: 30_000,
  });
}
export function useReplenishment(days: number, product: string) {
  return useInfiniteQuery({
    queryKey: ['replenishment', days, product],
    queryFn: ({ pageParam, signal }) => get<Replenishment>('/replenishment', { days, product, offset: pageParam, limit: kPage }, signal),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}
export function replenishmentHref(days: number, product: string): string {
  return apiPath('/replenishment/export', { days, product });
}
export function useNeeds(id: string) {
  return useQuery({
    queryKey: ['needs', id],
    queryFn: ({ signal }) => get<Needs>(`/people/${encodeURIComponent(id)}/needs`, {}, signal),
    staleTime: 30_000,
  });
}
export function useBuildDemand() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (horizon_days: number) => postJson<Done>('/demand/build', { horizon_days }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['demand'] }),
  });
}
export function useCancelDemand() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => postJson<Done>('/demand/cancel', {}),
    onSettled: () => queries.invalidateQueries({ queryKey: ['demand'] }),
  });
}
