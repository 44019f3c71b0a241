import { z } from 'zod';
import type { GitHub } from '../github/client.js';

export interface PullRequest {
  number: number;
  url: string;
  state: 'open' | 'merged' | 'closed';
  /** The commit at the end of its branch, as GitHub knows it. */
  head: string;
  title: string;
  body: string;
}

export interface PullRequestText {
  title: string;
  body: string;
}

/** Pull requests from branches of a repository on GitHub to another branch of the same. */
export interface PullRequests {
  /** The branch's open one, else its newest. */
  find(branch: string): Promise<PullRequest | undefined>;
  open(branch: string, base: string, text: PullRequestText): Promise<void>;
  update(number: number, text: PullRequestText): Promise<void>;
  /** Whether the token may write to the repository; undefined when GitHub doesn't say. */
  mayPush(): Promise<boolean | undefined>;
}

const pullSchema = z
  .object({
    number: z.number(),
    html_url: z.string(),
    state: z.enum(['open', 'closed']),
    merged_at: z.string().nullish(),
    title: z.string(),
    body: z.string().nullish(),
    head: z.object({ sha: z.string(), ref: z.string() }),
  })
  .transform(
    ({ number, html_url: url, state, merged_at: mergedAt, head, title, body }): PullRequest & { branch: string } => ({
      number,
      url,
      state: mergedAt ? 'merged' : state,
      head: head.sha,
      branch: head.ref,
      title,
      body: body ?? '',
    }),
  );

const repositorySchema = z.object({ permissions: z.object({ push: z.boolean() }).nullish() });

const PULLS = '/repos/{owner}/{repo}/pulls';

export function createPullRequests(github: GitHub): PullRequests {
  const [owner] = github.repository.split('/');
  return {
    find: async (branch) => {
      // Newest first. Of the same branch there are as many as were closed without being merged.
      const query = { head: `${owner}:${branch}`, state: 'all', sort: 'created', direction: 'desc', per_page: 100 };
      const { data } = await github.send(z.array(pullSchema), `GET ${PULLS}`, query);
      const own = data.filter((pull) => pull.branch === branch);
      return own.find(({ state }) => state === 'open') ?? own[0];
    },
    open: async (branch, base, text) => {
      // Not asked again by itself: whether it was done is found out first.
      await github.send(pullSchema, `POST ${PULLS}`, { head: branch, base, ...text }, { again: false });
    },
    update: async (number, text) => {
      await github.send(pullSchema, `PATCH ${PULLS}/{pull_number}`, { pull_number: number, ...text });
    },
    mayPush: async () => {
      const { data } = await github.send(repositorySchema, 'GET /repos/{owner}/{repo}');
      return data.permissions?.push;
    },
  };
}
