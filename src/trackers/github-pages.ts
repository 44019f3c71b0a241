import { z } from 'zod';
import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/github-error.js';

/** All entries of a list, to its end. A page that fails fails the call. */
export type GitHubList<T> = (parameters?: Record<string, unknown>) => Promise<T[]>;

const PAGE = 100;

/** A list that is read again and again: a page that hasn't changed costs a request that GitHub doesn't count. */
export function createGitHubList<T>(github: GitHub, schema: z.ZodType<T>, route: string): GitHubList<T> {
  const known = new Map<string, Page<T>>();
  const rows = z.array(schema);

  async function readPage(url: string, parameters: Record<string, unknown>): Promise<Page<T>> {
    const key = JSON.stringify([url, parameters]);
    const last = known.get(key);
    // A full last page doesn't change when another one is added after it, so it is asked for without its tag.
    const etag = last?.next === undefined && last?.entries.length === PAGE ? undefined : last?.etag;
    const answer = await github.sendIfChanged(rows, url, parameters, etag);
    if (answer === undefined) return last!;
    const page = { entries: answer.data, etag: answer.etag, next: answer.next };
    known.set(key, page);
    return page;
  }

  return async (parameters = {}) => {
    const entries: T[] = [];
    const seen = new Set<string>();
    let page = await readPage(route, { ...parameters, per_page: PAGE });
    for (;;) {
      entries.push(...page.entries);
      const { next } = page;
      if (next === undefined) return entries;
      if (seen.has(next)) {
        throw new GitHubError(`${github.repository}: GitHub's pages lead in a circle`, undefined, false);
      }
      seen.add(next);
      assertSameServer(github, next);
      page = await readPage(`GET ${next}`, {});
    }
  };
}

interface Page<T> {
  entries: readonly T[];
  etag?: string;
  next?: string;
}

/** The token goes along. */
function assertSameServer({ endpoint, repository }: GitHub, url: string): void {
  if (url.startsWith(`${endpoint}/`)) return;
  throw new GitHubError(
    `${repository}: GitHub's next page is on another server (${new URL(url).host})`,
    undefined,
    true,
  );
}
