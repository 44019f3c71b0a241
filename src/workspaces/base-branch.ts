import { UserError } from '../errors.js';
import { readProjectState, writeProjectState } from './project-state.js';
import { refOf } from './refs.js';
import type { Repository } from './repository.js';

export interface Base {
  name: string;
  commit: string;
}

/**
 * The branch that the integration branch follows: `git.base`, else the one remembered, else the one checked out.
 *
 * @throws UserError when there is none, or it doesn't exist
 */
export async function resolveBase(repository: Repository, configured?: string): Promise<Base> {
  const { projectDir } = repository;
  const remembered = (await readProjectState(projectDir)).base;
  const name = configured ?? remembered ?? (await readCheckedOut(repository));
  const commit = await findCommit(repository, name);
  if (commit !== undefined) return { name, commit };
  if (configured !== undefined) {
    throw new UserError(`git.base: found ${JSON.stringify(name)}, but there is no such branch in ${projectDir}`);
  }
  throw new UserError(
    remembered === undefined
      ? `${projectDir}: the branch ${name}, which is checked out, has no commit yet: make the first one, or set git.base`
      : `${projectDir}: the branch ${name}, which was checked out when the project first ran, is gone: set git.base`,
  );
}

/** From now on it is the base, whatever is checked out. */
export async function rememberBase({ projectDir }: Repository, { name }: Base): Promise<void> {
  const state = await readProjectState(projectDir);
  if (state.base === undefined) await writeProjectState(projectDir, { ...state, base: name });
}

/** The base's commit without any complaint: for looking, not for deciding. */
export async function findBaseCommit(repository: Repository, configured?: string): Promise<string | undefined> {
  const name = configured ?? (await readProjectState(repository.projectDir)).base;
  return name === undefined ? undefined : findCommit(repository, name);
}

async function readCheckedOut({ git, projectDir }: Repository): Promise<string> {
  const result = await git.attempt(projectDir, ['symbolic-ref', '--quiet', 'HEAD']);
  const branch = /^refs\/heads\/(.+)$/.exec(result.stdout)?.[1];
  if (branch === undefined) {
    throw new UserError(
      `${projectDir}: HEAD is detached, so there is no branch to follow: check one out, or set git.base`,
    );
  }
  if (branch.startsWith('garland/')) {
    throw new UserError(
      `${projectDir}: ${branch} is checked out, which is garland's own: check your branch out, or set git.base`,
    );
  }
  return branch;
}

/** A branch here or, as `origin/main`, of a remote. */
async function findCommit({ git, projectDir }: Repository, name: string): Promise<string | undefined> {
  for (const candidate of [refOf(name), `refs/remotes/${name}`, name]) {
    const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${candidate}^{commit}`];
    const { exitCode, stdout } = await git.attempt(projectDir, args);
    if (exitCode === 0) return stdout;
  }
  return undefined;
}
