// The one door to the server. Every answer that is not 2xx becomes an ApiError.

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;
  constructor(status: number, code: string, message: string, field: string | null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

/** "/people" + {tier: "weak"} -> "/api/v1/people?tier=weak"; empty values are left out. */
export function apiPath(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `/api/v1${path}${text ? `?${text}` : ''}`;
}

type Listener = () => void;
const strangers = new Set<Listener>();
/** Calls `listener` when the server no longer knows who we are. */
export function onUnauthenticated(listener: Listener): () => void {
  strangers.add(listener);
  return () => strangers.delete(listener);
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: unknown = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    body = null;
  }
  if (response.ok && body !== null) return body as T;
  if (response.status === 401) strangers.forEach((listener) => listener());
  const error = (body ?? {}) as { code?: unknown; message?: unknown; field?: unknown };
  throw new ApiError(
    response.status,
    typeof error.code === 'string' ? error.code : 'failed',
    typeof error.message === 'string' ? error.message : `${response.status} ${response.statusText}`,
    typeof error.field === 'string' ? error.field : null,
  );
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'unreachable', '', null);
  }
  return answer<T>(response);
}

export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return send<T>(apiPath(path, query), { headers: { Accept: 'application/json' }, signal: signal ?? null });
}

// No form and no page of another origin can send this header.
const ofThePage = { Accept: 'application/json', 'X-Guanxi-Page': '1' };

export function postText<T>(path: string, body: string, query?: Query): Promise<T> {
  return send<T>(apiPath(path, query), {
    method: 'POST',
    headers: { ...ofThePage, 'Content-Type': 'application/toml' },
    body,
  });
}

export function postJson<T>(path: string, body: unknown): Promise<T> {
  return send<T>(apiPath(path), {
    method: 'POST',
    headers: { ...ofThePage, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}
