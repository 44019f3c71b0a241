import type { Repository } from './state.js';

/** One request to the API, by somebody who may make it. */
export interface Call {
  method: string;
  params: Record<string, string>;
  query: URLSearchParams;
  body: Record<string, unknown>;
  /** The token's owner. */
  login: string;
  repository: Repository;
  /** `http://127.0.0.1:port` */
  baseUrl: string;
}

export interface Answer {
  status: number;
  /** A list is cut into pages by the server. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** `GET /repos/:owner/:repo/issues/:number`; a part `*name` takes the rest of the path. */
export interface Route {
  route: string;
  handle: (call: Call) => Answer;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent = (): Answer => ({ status: 204 });
export const fail = (status: number, message: string, more: Record<string, unknown> = {}): Answer => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status), ...more },
});
export const notFound = (): Answer => fail(404, 'Not Found');
export const invalid = (message: string, errors?: unknown[]): Answer => fail(422, message, errors && { errors });

/** The parameters of the path when it is the route's. */
export function matchRoute({ route }: Route, method: string, path: string): Record<string, string> | undefined {
  const [verb, pattern = ''] = route.split(' ');
  if (verb !== method) return undefined;
  const parts = path.split('/');
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.split('/').entries()) {
    if (wanted.startsWith('*')) {
      params[wanted.slice(1)] = parts.slice(index).map(decodeURIComponent).join('/');
      return params;
    }
    const part = parts[index];
    if (part === undefined) return undefined;
    if (wanted.startsWith(':')) params[wanted.slice(1)] = decodeURIComponent(part);
    else if (wanted !== part) return undefined;
  }
  return parts.length === pattern.split('/').length ? params : undefined;
}
