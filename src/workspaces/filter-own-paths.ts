import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, UserError } from '../errors.js';
import { isAncestor, moveBranch, refOf } from './refs.js';
import { resetOwnPaths } from './restore-worktree.js';
import type { WorkPlace } from './work-place.js';

interface Commit {
  tree: string;
  parents: string[];
  /** The object after its tree and parents, one character a byte. */
  rest: string;
}

interface Rewritten {
  commit: string;
  /** The commit of the user's that its own paths come from. */
  source: string;
}

/**
 * Rebuilds the branch's commits without what they change in the tracker's own paths; those that are empty then go.
 * Authors, dates and messages stay. Returns the branch's new head. The working tree isn't touched.
 *
 * @param commits those of the branch that are on neither the integration branch nor the base, newest first
 */
export async function filterOwnPaths(place: WorkPlace, head: string, commits: string[]): Promise<string> {
  if (place.ownPaths.paths.length === 0 || !(await touchesOwnPaths(place, head))) return head;
  const rewritten = new Map<string, Rewritten>();
  const find = (commit: string): Rewritten => rewritten.get(commit) ?? { commit, source: commit };
  for (const id of commits.toReversed()) {
    const commit = await readCommit(place, id);
    const parents = commit.parents.map(find);
    const source = await chooseSource(place, parents);
    rewritten.set(id, { commit: await rebuild(place, id, commit, parents, source), source });
  }
  const result = find(head).commit;
  if (result !== head) {
    if (!(await moveBranch(place.repository, place.branch, result, head, "without the tracker's own files"))) {
      throw new UserError(`${place.branch} was moved by somebody else while it was verified: try again`, EXIT.failed);
    }
    await resetOwnPaths(place, result);
  }
  return result;
}

async function touchesOwnPaths(place: WorkPlace, head: string): Promise<boolean> {
  const { repository, ownPaths, folder } = place;
  const args = [
    'rev-list',
    '--full-history',
    '--max-count=1',
    head,
    '--not',
    refOf(place.integration),
    ...baseOf(place),
  ];
  return (await repository.git.run(folder, [...args, '--', ...ownPaths.only])) !== '';
}

export const baseOf = ({ base }: WorkPlace): string[] => (base === undefined ? [] : [base]);

async function readCommit({ repository, folder }: WorkPlace, id: string): Promise<Commit> {
  const text = await repository.git.run(folder, ['cat-file', 'commit', id], { bytes: true });
  const match = /^tree (\w+)\n((?:parent \w+\n)*)/.exec(text)!;
  return {
    tree: match[1]!,
    parents: match[2]!.split('\n').flatMap((line) => (line === '' ? [] : [line.slice('parent '.length)])),
    rest: text.slice(match[0].length),
  };
}

/** A merge of the user's newer work brings its newer own paths along; else they are those of where the branch began. */
async function chooseSource({ repository }: WorkPlace, parents: Rewritten[]): Promise<string> {
  let source = parents[0]?.source ?? '';
  for (const parent of parents.slice(1)) {
    if (parent.source !== source && (await isAncestor(repository, source, parent.source))) source = parent.source;
  }
  return source;
}

async function rebuild(
  place: WorkPlace,
  id: string,
  commit: Commit,
  parents: Rewritten[],
  source: string,
): Promise<string> {
  const { git } = place.repository;
  const tree = await replaceOwnPaths(place, id, source);
  const isSame = tree === commit.tree && parents.every((parent, at) => parent.commit === commit.parents[at]);
  if (isSame) return id;
  const only = parents.length === 1 ? parents[0] : undefined;
  if (only !== undefined && tree !== commit.tree && tree === (await readTree(place, only.commit))) return only.commit;
  const links = parents.map((parent) => `parent ${parent.commit}\n`).join('');
  const text = `tree ${tree}\n${links}${withoutSignature(commit.rest)}`;
  const args = ['hash-object', '-t', 'commit', '-w', '--stdin'];
  return git.run(place.folder, args, { input: Buffer.from(text, 'latin1') });
}

const readTree = ({ repository, folder }: WorkPlace, commit: string): Promise<string> =>
  repository.git.run(folder, ['rev-parse', `${commit}^{tree}`]);

/** It would no longer be true. Continuation lines begin with a space. */
function withoutSignature(rest: string): string {
  const end = rest.indexOf('\n\n');
  const headers = rest.slice(0, end + 1).replaceAll(/^gpgsig[^\n]*\n(?: [^\n]*\n)*/gm, '');
  return headers + rest.slice(end + 1);
}

/** The tree of `commit` with the own paths of `source`, made in an index of its own. */
async function replaceOwnPaths(place: WorkPlace, commit: string, source: string): Promise<string> {
  const { git } = place.repository;
  const { folder, ownPaths } = place;
  const index = join(place.entry.gitDir, 'garland-index');
  const env = { GIT_INDEX_FILE: index };
  const list = (from: string): Promise<string> =>
    from === ''
      ? Promise.resolve('')
      : git.run(folder, ['ls-tree', '-r', '-z', '--full-tree', from, '--', ...ownPaths.paths], { bytes: true });
  const [before, after] = [await list(commit), await list(source)];
  if (before === after) return readTree(place, commit);
  // A git that was killed leaves its lock.
  const removeIndex = async (): Promise<void> => {
    await Promise.all([index, `${index}.lock`].map((file) => rm(file, { force: true })));
  };
  await removeIndex();
  try {
    await git.run(folder, ['read-tree', commit], { env });
    const removals = before.replaceAll(/[^\0\t]*\t([^\0]*)\0/g, `0 ${'0'.repeat(commit.length)}\t$1\0`);
    const input = Buffer.from(removals + after, 'latin1');
    await git.run(folder, ['update-index', '-z', '--index-info'], { env, input });
    return await git.run(folder, ['write-tree'], { env });
  } finally {
    await removeIndex();
  }
}
