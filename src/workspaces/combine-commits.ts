import { hideSecrets } from '../secrets/hide-secrets.js';
import { describeFailure } from './git.js';
import type { Repository } from './repository.js';
import { withScratchWorktree, type ScratchWorktree } from './scratch-worktree.js';

export type Combined =
  | { kind: 'done'; commit: string }
  | { kind: 'conflict'; files: string[]; excerpt: string }
  | { kind: 'refused'; reason: string };

/** The commits of `head` that `onto` lacks, again on top of it. What `onto` has already in other commits is left out. */
export async function rebaseCommits(repository: Repository, head: string, onto: string): Promise<Combined> {
  return combine(repository, head, ['rebase', '--quiet', '--no-fork-point', '--no-verify', onto]);
}

/** A merge commit with `into` as its first parent. */
export async function mergeCommits(
  repository: Repository,
  into: string,
  head: string,
  message: string,
): Promise<Combined> {
  return combine(repository, into, ['merge', '--quiet', '--no-ff', '--no-verify', '--no-edit', '-m', message, head]);
}

/** Must be called under the landing lock. Moves no branch. */
async function combine(repository: Repository, start: string, args: string[]): Promise<Combined> {
  const env = await repository.identity();
  return withScratchWorktree(repository, start, async (worktree) => {
    const result = await worktree.attempt(args, { env });
    if (result.exitCode === 0) return { kind: 'done', commit: await worktree.run(['rev-parse', 'HEAD']) };
    const conflict = await readConflict(worktree);
    if (conflict) return conflict;
    if (/unrelated histories/.test(result.stderr)) return { kind: 'refused', reason: 'they have no common history' };
    throw describeFailure(worktree.folder, args, result);
  });
}

const MAX_EXCERPT = 2_500;

async function readConflict(worktree: ScratchWorktree): Promise<Combined | undefined> {
  const files = (await worktree.run(['diff', '--name-only', '--diff-filter=U', '-z'])).split('\0').filter(Boolean);
  if (files.length === 0) return undefined;
  const excerpt = hideSecrets(await worktree.run(['diff', '--no-ext-diff', '--no-textconv', '--diff-filter=U']));
  return {
    kind: 'conflict',
    files,
    excerpt: excerpt.length > MAX_EXCERPT ? `${excerpt.slice(0, MAX_EXCERPT)}\n…` : excerpt,
  };
}
