import { z } from 'zod';
import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/github-error.js';

/** Lists that are read again and again: a page that hasn't changed costs a request that GitHub doesn't count. */
export interface GitHubPages {
  /** All entries of a list, to its end. A page that fails fails the call. */
  readAll<T>(schema: z.ZodType<T>, route: string, parameters?: Record<string, unknown>): Promise<T[]>;
}

const PAGE = 100;

export function createGitHubPages(github: GitHub): GitHubPages {
  const known = new Map<string, KnownPage>();

  async function readPage<T>(
    schema: z.ZodType<T>,
    route: string,
    parameters: Record<string, unknown>,
  ): Promise<KnownPage> {
    const key = JSON.stringify([route, parameters]);
    const last = known.get(key);
    // A full last page doesn't change when another one is added after it, so it is asked for without its tag.
    const etag = last?.next === undefined && last?.entries.length === PAGE ? undefined : last?.etag;
    const answer = await github.sendIfChanged(z.array(schema), route, parameters, etag);
    if (answer === undefined) return last!;
    const page = { entries: answer.data, etag: answer.etag, next: answer.next };
    known.set(key, page);
    return page;
  }

  return {
    async readAll<T>(schema: z.ZodType<T>, route: string, parameters: Record<string, unknown> = {}) {
      const entries: T[] = [];
      let page = await readPage(schema, route, { ...parameters, per_page: PAGE });
      for (const seen = new Set<string>(); ;) {
        entries.push(...(page.entries as T[]));
        const { next } = page;
        if (next === undefined) return entries;
        if (seen.has(next))
          throw new GitHubError(`${github.repository}: GitHub's pages lead in a circle`, undefined, false);
        seen.add(next);
        page = await readPage(schema, `GET ${assertSameServer(github, next)}`, {});
      }
    },
  };
}

interface KnownPage {
  entries: readonly unknown[];
  etag?: string;
  next?: string;
}

/** The token goes along. */
function assertSameServer({ endpoint, repository }: GitHub, url: string): string {
  if (url.startsWith(`${endpoint}/`)) return url;
  throw new GitHubError(
    `${repository}: GitHub's next page is on another server (${new URL(url).host})`,
    undefined,
    true,
  );
}
