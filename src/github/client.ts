import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { RequestError } from '@octokit/request-error';
import Bottleneck from 'bottleneck';
import type { z } from 'zod';
import { GitHubError, toGitHubError } from './github-error.js';
import { ownerAndRepo } from './repository-name.js';

export interface GitHubOptions {
  /** `owner/name` */
  repository: string;
  token: string;
  /** Of GitHub Enterprise, as `https://github.example.org/api/v3`. @default https://api.github.com */
  endpoint?: string;
  /** Told a line for a person when a rate limit holds it up. */
  tell?: (line: string) => void;
  /** Only for tests against a server of their own. */
  pace?: GitHubPace;
}

export interface GitHubPace {
  /** Between two writes and between two comments there are 1 and 3 seconds otherwise, as GitHub asks. */
  unthrottled?: boolean;
  /** What a second of waiting before another try takes, in milliseconds. @default 1,000 */
  secondMs?: number;
  /** How long an answer may take. @default 30,000 */
  timeoutMs?: number;
}

export interface Answer<T> {
  data: T;
  etag?: string;
  /** Where a list goes on. */
  next?: string;
  /** What GitHub's clock says, in milliseconds since 1970. */
  date: number;
}

export interface SendOptions {
  /** False for what would be there twice if it was done and only its answer was lost. @default true */
  again?: boolean;
}

/** A repository on GitHub. Every answer has passed its schema; every failure is a GitHubError. */
export interface GitHub {
  readonly repository: string;
  readonly endpoint: string;
  /** `GET /repos/{owner}/{repo}/issues`: owner and repo are filled in. */
  send<T>(
    schema: z.ZodType<T>,
    route: string,
    parameters?: Record<string, unknown>,
    options?: SendOptions,
  ): Promise<Answer<T>>;
  /** Undefined when nothing has changed since the answer with that entity tag, which GitHub doesn't count. */
  sendIfChanged<T>(
    schema: z.ZodType<T>,
    route: string,
    parameters: Record<string, unknown>,
    etag: string | undefined,
  ): Promise<Answer<T> | undefined>;
}

const ENDPOINT = 'https://api.github.com';
/** A limit that lasts longer fails the call, which whoever calls tries again: an activity has 10 minutes. */
const LONGEST_WAIT_SECONDS = 240;
const MOST_WAITS = 3;

export function createGitHub(options: GitHubOptions): GitHub {
  const { repository } = options;
  const endpoint = (options.endpoint ?? ENDPOINT).replace(/\/+$/, '');
  const octokit = createOctokit(endpoint, options);
  const names = ownerAndRepo(repository);

  async function request<T>(
    schema: z.ZodType<T>,
    route: string,
    parameters: Record<string, unknown>,
    { again = true }: SendOptions = {},
  ): Promise<Answer<T>> {
    const what = `${repository}: ${describeRoute(route, parameters)}`;
    try {
      const response = await octokit.request(route, {
        ...names,
        ...parameters,
        request: again ? {} : { retries: 0 },
      });
      if (response.status >= 300) throw describeMoved(what, response.data, response.status);
      const { data, error } = schema.safeParse(response.data);
      if (error) throw new GitHubError(`${what}: ${describeUnreadable(error)}`, undefined, false);
      const { etag, link, date } = response.headers;
      return { data, etag, next: readNext(link), date: Date.parse(date ?? '') || Date.now() };
    } catch (error) {
      if (isUnchanged(error)) throw error;
      throw toGitHubError(error, what);
    }
  }

  return {
    repository,
    endpoint,
    send: (schema, route, parameters = {}, sendOptions) => request(schema, route, parameters, sendOptions),
    async sendIfChanged(schema, route, parameters, etag) {
      const headers = etag === undefined ? {} : { 'if-none-match': etag };
      try {
        return await request(schema, route, { ...parameters, headers });
      } catch (error) {
        if (isUnchanged(error)) return undefined;
        throw error;
      }
    },
  };
}

const isUnchanged = (error: unknown): boolean => error instanceof RequestError && error.status === 304;

const PatientOctokit = Octokit.plugin(retry, throttling);

function createOctokit(endpoint: string, { token, tell = () => {}, pace = {} }: GitHubOptions): Octokit {
  const { secondMs = 1_000, timeoutMs = 30_000, unthrottled = false } = pace;
  const mayWait = (limit: string) => (seconds: number, _options: unknown, _octokit: unknown, waits: number) => {
    if (seconds > LONGEST_WAIT_SECONDS || waits >= MOST_WAITS) return false;
    tell(`GitHub's ${limit} is reached: waiting ${seconds} s`);
    return true;
  };
  return new PatientOctokit({
    auth: token,
    baseUrl: endpoint,
    userAgent: 'garland',
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: { fetch: fetchWithin(timeoutMs), redirect: 'manual' },
    // What a rate limit answers is the other plugin's.
    retry: { doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451], retryAfterBaseValue: secondMs },
    throttle: {
      onRateLimit: mayWait('rate limit'),
      onSecondaryRateLimit: mayWait('secondary rate limit'),
      retryAfterBaseValue: secondMs,
      ...(unthrottled && { write: new Bottleneck.Group(), notifications: new Bottleneck.Group() }),
    },
  });
}

const ignore = (): void => {};

function fetchWithin(timeoutMs: number): typeof fetch {
  return (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
}

/** `GET issues/12/comments` */
function describeRoute(route: string, parameters: Record<string, unknown>): string {
  const [method, url = ''] = route.split(' ');
  const path = url.replace(/^https?:\/\/[^/]+/, '').replace(/^\/repos\/(\{owner\}\/\{repo\}|[^/]+\/[^/]+)\/?/, '');
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => String(parameters[name]));
  return `${method} ${filled || 'repository'}`;
}

/** A redirection isn't followed: the token would go along, and a write would become a read. */
function describeMoved(what: string, data: unknown, status: number): GitHubError {
  const url = typeof data === 'object' && data !== null && 'url' in data ? ` to ${String(data.url)}` : '';
  return new GitHubError(
    `${what}: GitHub answered ${status}: it has moved${url}; name it as it is called now`,
    status,
    true,
  );
}

function describeUnreadable({ issues }: z.ZodError): string {
  const [first] = issues;
  const where = first && first.path.length > 0 ? `${first.path.join('.')}: ` : '';
  return `GitHub's answer isn't what its API promises (${where}${first?.message}); it is tried again`;
}

function readNext(link: string | undefined): string | undefined {
  return /<([^>]+)>\s*;\s*rel="next"/.exec(link ?? '')?.[1];
}
