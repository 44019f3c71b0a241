import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { closeNothing } from '../github/closing-words.js';
import { rejectWork, type Rejection } from './rejection.js';
import { resetOwnPaths } from './restore-worktree.js';
import type { WorkPlace } from './work-place.js';
import type { Change, WorktreeStatus } from './worktree-status.js';

/**
 * Commits what the agent left uncommitted, as `<id>: <title>`: files that git ignores and the tracker's own stay out.
 * Finishes a merge whose conflicts are resolved. Rejected when there is something and it isn't to be committed.
 */
export async function commitLeftovers(
  place: WorkPlace,
  status: WorktreeStatus,
  config: Config['git'],
): Promise<Rejection | undefined> {
  const { repository, ownPaths, folder } = place;
  const { git } = repository;
  const left = status.changes.filter((change) => !ownPaths.has(change.path) && !isNested(change));
  const inMerge = FINISHED_BY_A_COMMIT.some((file) => existsSync(join(place.entry.gitDir, file)));
  if (left.length === 0 && !inMerge) return undefined;
  if (!config.commit) {
    const names = left.map(({ path }) => Buffer.from(path, 'latin1').toString());
    const more = names.length > 20 ? ` and ${names.length - 20} more` : '';
    const what = inMerge && names.length === 0 ? 'a merge' : names.slice(0, 20).join(', ') + more;
    return rejectWork('no_commit', `not committed: ${what}; git.commit is false, so the agent has to commit it`);
  }

  const nested = status.changes.filter(isNested).map(({ path }) => `:(top,exclude,literal)${path.slice(0, -1)}`);
  await git.run(folder, ['add', '--all', '--', ...ownPaths.others, ...nested]);
  if (status.changes.some(({ path, staged }) => staged && ownPaths.has(path))) {
    await resetOwnPaths(place, 'HEAD');
  }
  if (!inMerge && (await git.attempt(folder, ['diff', '--cached', '--quiet', 'HEAD'])).exitCode === 0) return undefined;
  await git.run(folder, ['commit', '--quiet', '--no-verify', '--cleanup=verbatim', '--file=-'], {
    input: composeMessage(place.issueId, place.issueTitle),
    env: await repository.identity(),
  });
  return undefined;
}

const FINISHED_BY_A_COMMIT = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD'];
const MAX_SUBJECT = 100;

/** One line: the title's first, without control characters, cut where a word ends. */
export function composeMessage(issueId: string, title: string): string {
  const clean = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').trim();
  const line = closeNothing(clean(title.trim().split(/[\r\n]/)[0] ?? ''));
  const subject = line === '' ? clean(issueId) : `${clean(issueId)}: ${line}`;
  if (subject.length <= MAX_SUBJECT) return `${subject}\n`;
  const cut = subject.slice(0, MAX_SUBJECT - 1);
  const atWord = cut.replace(/\s+\S*$/, '');
  return `${atWord.length > MAX_SUBJECT / 2 ? atWord : cut}…\n`;
}

/** A repository inside the workspace would be committed as a link to a commit that nobody else has. */
const isNested = ({ kind, path }: Change): boolean => kind === 'untracked' && path.endsWith('/');
