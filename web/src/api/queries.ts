// What each screen asks of the server, with the keys under which answers are kept.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, get, postJson, postText } from './client';
import type {
  Backup, Backups, BrandValue, DecideRequest, FitAsked, FitDesk, FitStopped, PersonValue, Decided, Duplicates, Identity, IdentityDecisions,
  ChangesPage, Classes, Columns, ConsentRequest, DeadLetters, Done, EventOriginal, Explanation, History, Hourglass, Model, ModelCheck, Models,
  PeoplePage, Person, Privacy, Progress, Receipt, Resent, SqlAnswer, Status, Timeline, WhatIf, Words,
} from './types';

const minute = 60_000;

export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => get<Status>('/status', {}, signal),
    staleTime: 5000,
    // Soon again while the log is being read, while the server is away, and until the first event has come.
    refetchInterval: (query) => {
      const error = query.state.error;
      if (error instanceof ApiError) return [0, 503].includes(error.status) ? 1500 : false;
      return query.state.data?.as_of ? 30_000 : 4000;
    },
  });
}
export function useWords() {
  return useQuery({
    queryKey: ['words'],
    queryFn: ({ signal }) => get<Words>('/words', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
export function useProgress() {
  return useQuery({
    queryKey: ['progress'],
    queryFn: ({ signal }) => get<Progress>('/progress', {}, signal),
    refetchInterval: (query) => (query.state.data?.running ? 1000 : 10_000),
    staleTime: 0,
  });
}
export function useHourglass(from: string | null, to: string | null, enabled: boolean) {
  return useQuery({
    queryKey: ['hourglass', from, to],
    queryFn: ({ signal }) => get<Hourglass>('/hourglass', { from, to }, signal),
    placeholderData: keepPreviousData,
    staleTime: minute,
    enabled,
  });
}

export function useClasses() {
  return useQuery({
    queryKey: ['classes'],
    queryFn: ({ signal }) => get<Classes>('/classes', {}, signal),
    staleTime: minute,
  });
}

export interface PeopleFilter {
  tier: string;
  velocity: string;
  q: string;
  where: string;
  sort: string;
  desc: boolean;
}
export const kPeopleBlock = 100;
export function peopleBlockQuery(filter: PeopleFilter, block: number) {
  return {
    queryKey: ['people', filter, block] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      get<PeoplePage>('/people', { ...filter, offset: block * kPeopleBlock, limit: kPeopleBlock }, signal),
    staleTime: minute,
    gcTime: 2 * minute,
  };
}
export function useColumns() {
  return useQuery({
    queryKey: ['columns'],
    queryFn: ({ signal }) => get<Columns>('/people/columns', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function personPath(id: string, rest = ''): string {
  return `/people/${encodeURIComponent(id)}${rest}`;
}
export function usePrivacy(id: string) {
  return useQuery({
    queryKey: ['privacy', id],
    queryFn: ({ signal }) => get<Privacy>(personPath(id, '/privacy'), {}, signal),
    staleTime: 5000,
  });
}
/** States a consent; all that is shown of the person may be different afterwards. */
export function useConsent(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (said: ConsentRequest) => postJson<Done>(personPath(id, '/consent'), said),
    onSuccess: () => client.invalidateQueries(),
  });
}
export function useErase(id: string) {
  return useMutation({ mutationFn: () => postJson<Receipt>(personPath(id, '/erase'), {}) });
}
export function exportHref(id: string): string {
  return `/api/v1${personPath(id, '/export')}`;
}
export function usePerson(id: string, at: string | null) {
  return useQuery({
    queryKey: ['person', id, at],
    queryFn: ({ signal }) => get<Person>(personPath(id), { at }, signal),
    staleTime: minute,
  });
}
export function useExplanation(id: string, at: string | null, limit: number) {
  return useQuery({
    queryKey: ['explanation', id, at, limit],
    queryFn: ({ signal }) => get<Explanation>(personPath(id, '/explanation'), { at, limit }, signal),
    placeholderData: keepPreviousData,
    staleTime: minute,
  });
}
export function useHistory(id: string, at: string | null, days: number | null) {
  return useQuery({
    queryKey: ['history', id, at, days],
    queryFn: ({ signal }) => get<History>(personPath(id, '/history'), { at, days }, signal),
    placeholderData: keepPreviousData,
    staleTime: minute,
  });
}
export function timelinePage(id: string, at: string | null, offset: number, limit: number, signal: AbortSignal) {
  return get<Timeline>(personPath(id, '/timeline'), { at, offset, limit }, signal);
}
export function useOriginal(ordinal: number | null) {
  return useQuery({
    queryKey: ['event', ordinal],
    queryFn: ({ signal }) => get<EventOriginal>(`/events/${ordinal}`, {}, signal),
    enabled: ordinal !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
export function changesPage(
  query: { from: string | null; to: string | null; direction: string; offset: number; limit: number },
  signal: AbortSignal,
) {
  return get<ChangesPage>('/changes', query, signal);
}
export function useModel() {
  return useQuery({ queryKey: ['model'], queryFn: ({ signal }) => get<Model>('/model', {}, signal), staleTime: minute });
}
export function useModels() {
  return useQuery({ queryKey: ['models'], queryFn: ({ signal }) => get<Models>('/models', {}, signal), staleTime: minute });
}
export function useModelCheck() {
  return useMutation({ mutationFn: (toml: string) => postText<ModelCheck>('/model/check', toml) });
}
export function useWhatIf() {
  return useMutation({ mutationFn: (toml: string) => postText<WhatIf>('/what-if', toml) });
}
export function useBackups() {
  return useQuery({
    queryKey: ['backups'],
    queryFn: ({ signal }) => get<Backups>('/backups', {}, signal),
    refetchInterval: (query) => (query.state.data?.last?.state === 'running' ? 1000 : false),
  });
}
export function useBackup() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => postJson<Backup>('/backups', {}),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['backups'] }),
  });
}
export function useDeadLetters(offset: number, limit: number, source: string) {
  return useQuery({
    queryKey: ['dead-letters', offset, limit, source],
    queryFn: ({ signal }) => get<DeadLetters>('/dead-letters', { offset, limit, source }, signal),
    placeholderData: keepPreviousData,
  });
}
export function useResend() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, original }: { id: number; original: string | null }) =>
      postJson<Resent>(`/dead-letters/${id}/resend`, original === null ? {} : { original }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['dead-letters'] }),
  });
}
export function useIdentity(id: string) {
  return useQuery({
    queryKey: ['identity', id],
    queryFn: ({ signal }) => get<Identity>(personPath(id, '/identity'), {}, signal),
  });
}
export function useDuplicates(limit: number) {
  return useQuery({
    queryKey: ['duplicates', limit],
    queryFn: ({ signal }) => get<Duplicates>('/identities/duplicates', { limit }, signal),
  });
}
export function useDecisions(limit: number) {
  return useQuery({
    queryKey: ['decisions', limit],
    queryFn: ({ signal }) => get<IdentityDecisions>('/identities/decisions', { limit }, signal),
  });
}
/** A decision may change any figure of the people concerned. */
export function useDecide() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: DecideRequest) => postJson<Decided>('/identities/decisions', request),
    onSuccess: () => queries.invalidateQueries(),
  });
}
export function useSql() {
  return useMutation({ mutationFn: (query: string) => postJson<SqlAnswer>('/sql', { query, limit: 1000 }) });
}

export function usePersonValue(id: string) {
  return useQuery({
    queryKey: ['person-value', id],
    queryFn: ({ signal }) => get<PersonValue>(personPath(id, '/value'), {}, signal),
    staleTime: minute,
  });
}
export function useBrandValue() {
  return useQuery({ queryKey: ['value'], queryFn: ({ signal }) => get<BrandValue>('/value', {}, signal), staleTime: minute });
}
/** What is being fitted, and what was; every figure of value may change when a fit has ended. */
export function useFits() {
  const client = useQueryClient();
  return useQuery({
    queryKey: ['fits'],
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<FitDesk>(['fits']);
      const desk = await get<FitDesk>('/fits', {}, signal);
      if (before && before.used !== desk.used) {
        void client.invalidateQueries({ queryKey: ['value'] });
        void client.invalidateQueries({ queryKey: ['person-value'] });
        void client.invalidateQueries({ queryKey: ['people'] });
      }
      return desk;
    },
    refetchInterval: (query) => (query.state.data?.running ? 400 : 15_000),
    staleTime: 0,
  });
}
export function useFit() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (model: string) => postJson<FitAsked>('/fits', { model }),
    onSuccess: () => {
      // The thread that fits takes it up in a moment.
      for (const wait of [0, 300, 1200]) setTimeout(() => void client.invalidateQueries({ queryKey: ['fits'] }), wait);
    },
  });
}
export function useStopFit() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => postJson<FitStopped>('/fits/stop', {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['fits'] }),
  });
}
