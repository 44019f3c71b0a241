import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { sayInOneLine, type Git } from './git.js';
import { refOf } from './refs.js';
import type { Repository } from './repository.js';

/** `--end-of-options`, `worktree add` with `--no-checkout` and `restore` behave as they should from here on. */
const OLDEST = [2, 30] as const;

const OR_DIRECTORY = 'or set workspace.kind: directory';

/** @throws UserError unless git is there and new enough, and the folder lies in a repository with a working tree */
export async function checkGit(git: Git, projectDir: string): Promise<void> {
  const version = await git.run(projectDir, ['--version']);
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new UserError(`${version} is too old: install git ${OLDEST.join('.')} or newer, ${OR_DIRECTORY}`);
  }
  const result = await git.attempt(projectDir, ['rev-parse', '--is-bare-repository', '--is-inside-work-tree']);
  if (result.exitCode !== 0) {
    if (/not a git repository/i.test(result.stderr)) {
      throw new UserError(`${projectDir}: not in a git repository: run 'git init' and commit, ${OR_DIRECTORY}`);
    }
    throw new UserError(`${projectDir}: git can't read the repository: ${sayInOneLine(result)}`);
  }
  if (result.stdout.startsWith('true')) {
    throw new UserError(`${projectDir}: a bare repository; clone it and run garland in the clone`);
  }
  if (result.stdout.endsWith('false')) {
    throw new UserError(`${projectDir}: inside of a repository's .git folder; run garland in the working tree`);
  }
}

/** @throws UserError unless there is something to start from, and refs and objects can be written */
export async function checkRepository({ git, projectDir, commonDir }: Repository): Promise<void> {
  if ((await git.run(projectDir, ['rev-list', '--all', '--max-count=1'])) === '') {
    throw new UserError(`${projectDir}: the repository has no commit yet: make the first one`);
  }
  for (const folder of [commonDir, join(commonDir, 'objects'), join(commonDir, 'refs')]) {
    await access(folder, constants.W_OK).catch(() => {
      throw new UserError(`${folder}: can't be written to: give yourself the right to, ${OR_DIRECTORY}`);
    });
  }
}

/** @throws UserError for a name that can't be the integration branch's */
export async function checkIntegrationName(
  { git, projectDir }: Repository,
  name: string,
  base?: string,
): Promise<void> {
  const found = `land.into: found ${JSON.stringify(name)}`;
  const { exitCode } = await git.attempt(projectDir, ['check-ref-format', refOf(name)]);
  if (exitCode !== 0 || name.startsWith('-')) throw new UserError(`${found}, which is no name for a branch`);
  if (/^garland(\/issue(\/|$)|$)/.test(name))
    throw new UserError(`${found}, which would be in the way of the issues' branches`);
  if (name === base) {
    throw new UserError(`${found}, which is the branch that it is to follow (git.base): name another one`);
  }
}

/** @throws UserError when the project's folder isn't in the commit, as workspaces are made of it */
export async function checkProjectFolder({ git, projectDir, prefix }: Repository, commit: string): Promise<void> {
  if (prefix === '') return;
  const { exitCode } = await git.attempt(projectDir, ['cat-file', '-e', `${commit}:${prefix.slice(0, -1)}`]);
  if (exitCode !== 0) {
    throw new UserError(
      `${projectDir}: nothing of this folder is committed, so workspaces would lack it: commit it first`,
    );
  }
}
