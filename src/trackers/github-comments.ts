import { createHash } from 'node:crypto';
import type { GitHub } from '../github/client.js';
import { createGitHubList } from './github-pages.js';
import { commentRow, type CommentRow } from './github-rows.js';
import type { Claim } from './tracker.js';

/** What garland and people say on an issue. */
export interface GitHubComments {
  /** As the prompt's notes; undefined when there are none. */
  readNotes(issue: number): Promise<string | undefined>;
  /** Looked for before it is made, by a marker that isn't seen. False when it was there. */
  add(issue: number, claim: Claim, step: string, text: string): Promise<boolean>;
}

/** GitHub takes 65,536 characters. */
const LONGEST = 60_000;

export function createGitHubComments(github: GitHub): GitHubComments {
  const path = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
  const list = createGitHubList(github, commentRow, `GET ${path}`);
  const has = async (issue: number, marker: string): Promise<boolean> =>
    (await list({ issue_number: issue })).some(({ body }) => body?.includes(marker));

  return {
    async readNotes(issue) {
      const comments = await list({ issue_number: issue });
      return comments.length === 0 ? undefined : comments.map(formatNote).join('\n\n');
    },
    async add(issue, claim, step, text) {
      const marker = markerOf(issue, claim, step, text);
      if (await has(issue, marker)) return false;
      const body = `${fence(text.slice(0, LONGEST))}\n${marker}`;
      try {
        await github.send(commentRow, `POST ${path}`, { issue_number: issue, body }, { again: false });
      } catch (error) {
        // Its answer alone may have been lost.
        if (!(await has(issue, marker))) throw error;
      }
      return true;
    },
  };
}

function markerOf(issue: number, { key }: Claim, step: string, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `<!-- garland run=${key} issue=${issue} step=${step} text=${digest} -->`;
}

/** The words may be an agent's or a gate's: fenced, no `@name` in them calls anybody, and no `#1` links. */
function fence(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}text\n${text}\n${ticks}`;
}

const OWN = /^(`{3,})text\n(.*)\n\1\n<!-- garland run=\S+ issue=\d+ step=\S+ text=\w+ -->\s*$/s;

function formatNote({ body, user, created_at }: CommentRow): string {
  const text = body ?? '';
  return OWN.exec(text)?.[2] ?? `${user?.login ?? 'somebody'}, ${created_at.slice(0, 10)}:\n${text}`;
}
