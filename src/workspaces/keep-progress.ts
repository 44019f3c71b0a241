import { existsSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFailure } from './git.js';
import type { IssuePlace } from './issue-place.js';
import type { OwnPaths } from './own-paths.js';
import { progressSubject, readProgress } from './progress.js';
import { moveRef, readCommit, refOf } from './refs.js';
import type { Repository } from './repository.js';
import { withTemporaryIndex } from './temporary-index.js';
import { findWorktreeEntry } from './worktree-entry.js';
import { readStatus, type Change, type WorktreeStatus } from './worktree-status.js';

export interface KeepOptions {
  place: IssuePlace;
  ownPaths: OwnPaths;
  signal: AbortSignal;
}

/** Larger files aren't kept, in bytes: a copy of each version would stay in the repository for weeks. */
const MAX_FILE = 50 * 1024 * 1024;

/**
 * Keeps what the worktree holds, without what git ignores and the tracker's own, as a commit on top of its HEAD: in whatever
 * state it is (a rebase, conflicts, somebody's lock). Nothing is written when just that was kept before. The ref's reflog has the
 * states before, so nothing kept is lost by keeping a later one.
 *
 * @returns what isn't kept, a line for a person
 */
export async function keepProgress(repository: Repository, options: KeepOptions): Promise<string[]> {
  const { place, signal } = options;
  const entry = await findWorktreeEntry(repository, place.folder);
  if (entry === undefined || !isWhole(place)) return [];
  return withTemporaryIndex(repository, entry, async (inside) => {
    const last = await readProgress(repository, place.progressRef);
    const status = await readStatus(inside, place.folder);
    const parent = status.commit ?? (await readCommit(repository, refOf(place.branch)));
    if (parent === undefined) return [];
    const large = await findLarge(place.folder, status.changes);
    const tree = await writeTree(inside, options, { status, parent, large });
    // Somebody is deleting it: what was kept before is worth more than what is left.
    if (!isWhole(place)) return [];
    const isKept = last
      ? last.tree === tree && last.parent === parent
      : await isOnBranch(repository, place, parent, tree);
    if (!isKept) {
      const commit = await commitTree(inside, place, tree, parent);
      signal.throwIfAborted();
      // False when somebody else has just kept it, which does as well.
      await moveRef(repository, place.progressRef, commit, last?.commit ?? '', 'work in progress');
    }
    return describeLarge(large);
  });
}

const isWhole = ({ folder }: IssuePlace): boolean => existsSync(join(folder, '.git'));

interface LargeFile {
  path: string;
  size: number;
}

async function findLarge(folder: string, changes: Change[]): Promise<LargeFile[]> {
  const large: LargeFile[] = [];
  for (const { path } of changes) {
    const file = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
    const size = await lstat(file).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    );
    if (size > MAX_FILE) large.push({ path, size });
  }
  return large;
}

function describeLarge(large: LargeFile[]): string[] {
  if (large.length === 0) return [];
  const names = large.map(
    ({ path, size }) => `${Buffer.from(path, 'latin1').toString()} (${Math.round(size / 1024 / 1024)} MB)`,
  );
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return [`too large to be kept while uncommitted: ${names.slice(0, 5).join(', ')}${more}`];
}

interface Found {
  status: WorktreeStatus;
  parent: string;
  large: LargeFile[];
}

async function writeTree(
  { git }: Repository,
  { place: { folder }, ownPaths, signal }: KeepOptions,
  { status, parent, large }: Found,
): Promise<string> {
  if (status.commit === undefined || status.changes.some(({ kind }) => kind === 'unmerged')) {
    await git.run(folder, ['read-tree', parent], { signal });
  } else if (status.changes.some(({ path, staged }) => staged && ownPaths.has(path))) {
    await git.run(folder, ['reset', '--quiet', parent, '--', ...ownPaths.only], { signal });
  }
  const left = [...large, ...status.changes.filter(isNested)].map(({ path }) => path.replace(/\/$/, ''));
  const others = ownPaths.others.map((spec) => Buffer.from(spec).toString('latin1'));
  const specs = [...others, ...left.map((path) => `:(top,exclude,literal)${path}`)];
  const args = ['add', '--all', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
  const added = await git.attempt(folder, args, { input: Buffer.from(specs.join('\0'), 'latin1'), signal });
  // 1: files that have vanished meanwhile, or that can't be read.
  if (added.exitCode > 1) throw describeFailure(folder, args, added);
  return git.run(folder, ['write-tree'], { signal });
}

/** A repository inside of another can't be taken up. */
const isNested = ({ kind, path }: Change): boolean => kind === 'untracked' && path.endsWith('/');

/** The branch holds it: there is nothing to keep. */
async function isOnBranch(
  repository: Repository,
  { branch }: IssuePlace,
  parent: string,
  tree: string,
): Promise<boolean> {
  const args = ['rev-parse', '--verify', `${parent}^{tree}`];
  const { stdout } = await repository.git.attempt(repository.projectDir, args);
  return stdout === tree && (await readCommit(repository, refOf(branch))) === parent;
}

async function commitTree(inside: Repository, place: IssuePlace, tree: string, parent: string): Promise<string> {
  const input = `${progressSubject(place.branch, inside.prefix)}\n\nKept by garland, see docs/leftovers.md.\n`;
  const env = await inside.identity();
  return inside.git.run(place.folder, ['commit-tree', '-p', parent, '-F', '-', tree], { input, env });
}
