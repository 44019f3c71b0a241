import { RequestError } from '@octokit/request-error';
import { hideAndCut } from '../secrets/hide-and-cut.js';

/** GitHub can't be asked, or refuses: where, what was found, what to do. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  constructor(
    message: string,
    /** Of the answer; undefined when there was none, or none that can be understood. */
    readonly status: number | undefined,
    /** True when trying again can't help: a person has to do something first. */
    readonly permanent: boolean,
    /** In milliseconds: when a rate limit is reset, trying again before that can't help. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** `what` is what was asked for, as `shop/api: GET issue 12`. */
export function toGitHubError(error: unknown, what: string): GitHubError {
  if (error instanceof GitHubError) return error;
  if (!(error instanceof RequestError)) return new GitHubError(`${what}: ${String(error)}`, undefined, false);
  const { status } = error;
  const { says, advice, permanent, retryAfterMs } = explain(error);
  return new GitHubError(`${what}: ${says}; ${advice}`, error.response ? status : undefined, permanent, retryAfterMs);
}

interface Explanation {
  says: string;
  advice: string;
  permanent: boolean;
  retryAfterMs?: number;
}

function explain(error: RequestError): Explanation {
  const { status, response } = error;
  if (response === undefined) {
    return {
      says: `GitHub can't be reached (${shorten(error.message)})`,
      advice: 'it is tried again',
      permanent: false,
    };
  }
  const says = `GitHub answered ${status} (${shorten(error.message)})`;
  if (isLimit(error)) {
    const retryAfterMs = findReset(response.headers);
    const reset =
      retryAfterMs === undefined ? '' : `, and is reset at ${new Date(Date.now() + retryAfterMs).toISOString()}`;
    return { says, advice: `its rate limit is reached${reset}`, permanent: false, retryAfterMs };
  }
  const advice = ADVICE[status];
  if (advice !== undefined) return { says, advice, permanent: true };
  return status >= 500
    ? { says, advice: 'it is tried again', permanent: false }
    : { says, advice: 'see its documentation', permanent: true };
}

const ADVICE: Record<number, string | undefined> = {
  401: 'the token is wrong or has expired: set another one in the variable that holds it',
  403: 'the token may not do this: give it read and write access to Issues and Contents of the repository, and for land.strategy pr to Pull requests',
  404: "there is no such thing, or the token may not see it: check the name, and the token's access",
  410: 'it is gone: the issue was deleted, or the repository has its issues turned off',
};

function isLimit({ status, message, response }: RequestError): boolean {
  if (status !== 403 && status !== 429) return false;
  return status === 429 || response?.headers['x-ratelimit-remaining'] === '0' || /rate limit/i.test(message);
}

/** Its limits are for an hour; what names a time much later isn't believed. */
const LONGEST_LIMIT_MS = 2 * 3_600_000;

/** In milliseconds from now, by GitHub's clock. Undefined when it isn't told, or can't be. */
function findReset(headers: Record<string, unknown>): number | undefined {
  const after = Number(headers['retry-after']) * 1_000;
  const now = Date.parse(String(headers['date'])) || Date.now();
  const ms = after > 0 ? after : Number(headers['x-ratelimit-reset']) * 1_000 - now;
  return ms > 0 && ms <= LONGEST_LIMIT_MS ? ms : undefined;
}

/** A page of HTML isn't a message for a person. */
function shorten(message: string): string {
  return hideAndCut(message.replaceAll(/\s+/g, ' ').trim(), 200);
}
