import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyFault, createFaults, type Faults } from './faults.js';
import { gitRoutes } from './git-routes.js';
import { issueRoutes } from './issue-routes.js';
import { repositoryRoutes } from './repository-routes.js';
import { fail, matchRoute, notFound, type Answer, type Call, type Route } from './routes.js';
import type { Repository } from './state.js';

/**
 * GitHub's API on loopback, as far as garland uses it: real HTTP, real state, no GitHub behind it. Its answers were checked against
 * the published description (@octokit/openapi 23.0.2, too large to be kept here); of a repository it shows the part that programs look at.
 */
export interface GitHubServer {
  /** What `tracker.endpoint` is set to. */
  url: string;
  repositories: Repository[];
  /** Logins by token. */
  tokens: Map<string, string>;
  faults: Faults;
  /** Milliseconds before a request is looked at, and again before it is answered. @default none */
  latency: () => number;
  /** Requests left before the primary limit is reached, and when it is reset, in seconds since 1970. @default no limit */
  limit: { remaining: number; reset: number } | undefined;
  /** Every request as `GET /repos/o/r/issues?page=1 200`, in the order of the answers. */
  log: string[];
  close(): Promise<void>;
}

export interface ServerOptions {
  /** More than what is there already, for example those of pull requests. */
  routes?: Route[];
}

const ROUTES = [...repositoryRoutes, ...issueRoutes, ...gitRoutes];

export async function startGitHubServer({ routes = [] }: ServerOptions = {}): Promise<GitHubServer> {
  const known = [...routes, ...ROUTES];
  const http = createServer((request, response) => {
    void serve(server, known, request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: GitHubServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    repositories: [],
    tokens: new Map(),
    faults: createFaults(),
    latency: () => 0,
    limit: undefined,
    log: [],
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

async function serve(
  server: GitHubServer,
  routes: Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  await pause(server.latency());
  const name = `${request.method} ${request.url}`;
  const fault = server.faults.take(`${name} by ${loginOf(server, request)}`);
  if (applyFault(fault, request, response)) {
    server.log.push(`${name} ${fault?.kind}`);
    return;
  }
  const answer = finish(server, request, refuseByLimit(server) ?? answerTo(server, routes, request, body));
  await pause(server.latency());
  server.log.push(`${name} ${answer.status}`);
  if (fault?.kind === 'lose answer') {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers).end(answer.text);
}

const pause = (ms: number): Promise<unknown> | undefined => (ms > 0 ? sleep(ms) : undefined);

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function answerTo(server: GitHubServer, routes: Route[], request: IncomingMessage, body: Call['body']): Answer {
  const { method = 'GET' } = request;
  const { pathname, searchParams: query } = new URL(request.url ?? '/', server.url);
  const login = loginOf(server, request);
  if (login === undefined) return fail(401, 'Bad credentials');
  for (const route of routes) {
    const params = matchRoute(route, method, pathname);
    if (!params) continue;
    const found = params['owner'] === undefined ? undefined : findRepository(server, params, login, method);
    if (found && 'status' in found) return found;
    const repository = found ?? ({} as Repository);
    return route.handle({ method, params, query, body, login, repository, baseUrl: server.url });
  }
  return notFound();
}

function loginOf({ tokens }: GitHubServer, { headers }: IncomingMessage): string | undefined {
  const [, token = ''] = /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '') ?? [];
  return tokens.get(token);
}

/** What somebody may not see isn't there for them. */
function findRepository(
  server: GitHubServer,
  { owner, repo }: Record<string, string>,
  login: string,
  method: string,
): Repository | Answer {
  const found = server.repositories.find((each) => each.owner === owner && each.name === repo);
  const access = found?.access.get(login);
  if (!found || access === undefined) return notFound();
  if (found.movedTo !== undefined) {
    const url = `${server.url}/repos/${found.movedTo}`;
    return { ...fail(301, 'Moved Permanently', { url }), headers: { location: url } };
  }
  if (method !== 'GET' && access === 'read') return fail(403, 'Resource not accessible by personal access token');
  return found;
}

interface FinishedAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** Pages, entity tags and limits: what is the same for all answers. */
function finish(server: GitHubServer, request: IncomingMessage, answer: Answer): FinishedAnswer {
  const { body, link } = cutPage(server, request, answer);
  const text = answer.status === 204 ? '' : JSON.stringify(body);
  const headers: Record<string, string> = {
    date: new Date().toUTCString(),
    'content-type': 'application/json; charset=utf-8',
    'x-github-media-type': 'github.v3; format=json',
    ...answer.headers,
    ...(link !== undefined && { link }),
  };
  if (request.method === 'GET' && answer.status === 200) {
    headers['etag'] = `W/"${createHash('sha256').update(text).digest('hex')}"`;
    // A request that finds nothing new doesn't count.
    if (request.headers['if-none-match'] === headers['etag']) return { status: 304, headers, text: '' };
  }
  if (server.limit) server.limit.remaining -= 1;
  return { status: answer.status, headers: { ...headers, ...limitHeaders(server) }, text };
}

function refuseByLimit(server: GitHubServer): Answer | undefined {
  const { limit } = server;
  if (limit === undefined || limit.remaining > 0) return undefined;
  if (Date.now() / 1_000 >= limit.reset) server.limit = undefined;
  return server.limit && fail(403, 'API rate limit exceeded for user ID 1.');
}

function limitHeaders({ limit }: GitHubServer): Record<string, string> {
  if (limit === undefined) return {};
  const { remaining, reset } = limit;
  return {
    'x-ratelimit-limit': '5000',
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-remaining': String(Math.max(remaining, 0)),
  };
}

function cutPage(server: GitHubServer, request: IncomingMessage, { body, headers, status }: Answer) {
  if (!Array.isArray(body) || request.method !== 'GET' || status !== 200 || headers?.['x-whole']) return { body };
  const url = new URL(request.url ?? '/', server.url);
  const size = Math.min(Number(url.searchParams.get('per_page') ?? 30), 100);
  const page = Number(url.searchParams.get('page') ?? 1);
  const last = Math.max(Math.ceil(body.length / size), 1);
  const to = (rel: string, number: number): string => {
    url.searchParams.set('page', String(number));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [to('prev', page - 1)] : []),
    ...(page < last ? [to('next', page + 1), to('last', last)] : []),
    ...(page > 1 ? [to('first', 1)] : []),
  ];
  const link = links.length > 0 ? links.join(', ') : undefined;
  return { body: body.slice((page - 1) * size, page * size) as unknown, link };
}
