// Who is calling, and what an admin asks of the server: users, sources, tokens, the audit trail.
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { ApiError, get, postJson } from './client';
import type {
  AuditCheck, AuditPage, Done, EventSources, Invitation, KeyedSource, LinkFor, Me, NewKey, NewSource, NewToken, Permission, Role, Sessions, SourceKind, SourceKinds,
  Tokens, User, Users,
} from './types';

export function useMe() {
  return useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => get<Me>('/me', {}, signal),
    staleTime: 60_000,
    refetchOnWindowFocus: true,
    refetchInterval: (query) => (query.state.error instanceof ApiError && [0, 503].includes(query.state.error.status) ? 1500 : false),
  });
}
/** Whether the one who is logged in has that right. */
export function useMay(permission: Permission): boolean {
  return useMe().data?.permissions.includes(permission) ?? false;
}

/** Something that changes what `keys` hold. */
function useChange<Asked, Answer>(ask: (asked: Asked) => Promise<Answer>, ...keys: string[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ask,
    onSuccess: () => Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

/** Nothing that one user saw stays for the next. */
function forget(queries: QueryClient): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
}

/** What lets somebody in: from then on everything is asked again. */
function useEntrance<Asked>(ask: (asked: Asked) => Promise<Me>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ask,
    onSuccess: (me) => {
      forget(queries);
      queries.setQueryData(['me'], me);
    },
  });
}
export function useLogin() {
  return useEntrance((asked: { name: string; password: string }) => postJson<Me>('/login', asked));
}
export function useWelcome() {
  return useEntrance((asked: { link: string; name?: string; password: string }) => postJson<Me>('/welcome', asked));
}
export function useLinkFor(link: string) {
  return useQuery({
    queryKey: ['link', link],
    queryFn: () => postJson<LinkFor>('/welcome/check', { link }),
    enabled: link !== '',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
export function useLogout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => postJson<Done>('/logout', {}),
    onSettled: async () => {
      await queries.refetchQueries({ queryKey: ['me'] });
      forget(queries);
    },
  });
}

export function usePasswordChange() {
  return useChange((asked: { old: string; new: string }) => postJson<Done>('/me/password', asked), 'my-sessions');
}
export function useMySessions() {
  return useQuery({ queryKey: ['my-sessions'], queryFn: ({ signal }) => get<Sessions>('/me/sessions', {}, signal) });
}
export function useEndMySession() {
  return useChange((id: string) => postJson<Done>(`/me/sessions/${id}/end`, {}), 'my-sessions');
}
export function useMyTokens() {
  return useQuery({ queryKey: ['my-tokens'], queryFn: ({ signal }) => get<Tokens>('/me/tokens', {}, signal) });
}
export function useAddToken() {
  return useChange((asked: { name: string; permissions: Permission[]; days: number }) => postJson<NewToken>('/me/tokens', asked), 'my-tokens');
}
export function useEndMyToken() {
  return useChange((id: string) => postJson<Done>(`/me/tokens/${id}/end`, {}), 'my-tokens');
}

export function useUsers() {
  return useQuery({ queryKey: ['users'], queryFn: ({ signal }) => get<Users>('/users', {}, signal) });
}
export function useAddUser() {
  return useChange((asked: { name: string; role: Role }) => postJson<Invitation>('/users', asked), 'users');
}
export function useUserChange() {
  return useChange(
    ({ name, ...change }: { name: string; role?: Role; disabled?: boolean }) => postJson<User>(`/users/${encodeURIComponent(name)}`, change),
    'users',
  );
}
export function useInvite() {
  return useChange((name: string) => postJson<Invitation>(`/users/${encodeURIComponent(name)}/invite`, {}), 'users');
}
export function useTokens() {
  return useQuery({ queryKey: ['tokens'], queryFn: ({ signal }) => get<Tokens>('/tokens', {}, signal) });
}
export function useEndToken() {
  return useChange((id: string) => postJson<Done>(`/tokens/${id}/end`, {}), 'tokens');
}

export function useSources() {
  return useQuery({ queryKey: ['sources'], queryFn: ({ signal }) => get<EventSources>('/sources', {}, signal), refetchInterval: 10_000 });
}
export function useSourceKinds() {
  return useQuery({
    queryKey: ['source-kinds'],
    queryFn: ({ signal }) => get<SourceKinds>('/sources/kinds', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
export function useAddSource() {
  return useChange((asked: { name: string; kind: SourceKind; settings: Record<string, string>; secret?: string }) => postJson<NewSource>('/sources', asked), 'sources');
}
export function useSourceChange() {
  return useChange(({ id, ...change }: { id: string; disabled?: boolean; settings?: Record<string, string> }) => postJson<KeyedSource>(`/sources/${id}`, change), 'sources');
}
export function useRotateKey() {
  return useChange((id: string) => postJson<NewKey>(`/sources/${id}/key`, {}), 'sources');
}
export function useSourceSecret() {
  return useChange(({ id, secret }: { id: string; secret: string }) => postJson<KeyedSource>(`/sources/${id}/secret`, { secret }), 'sources');
}

export function useAudit(query: { user: string; action: string; person: string; offset: number; limit: number }) {
  return useQuery({ queryKey: ['audit', query], queryFn: ({ signal }) => get<AuditPage>('/audit', query, signal) });
}
export function useAuditCheck() {
  return useMutation({ mutationFn: () => get<AuditCheck>('/audit/check') });
}
