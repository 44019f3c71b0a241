import { constants } from 'node:fs';
import { cp, lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { EXIT, UserError } from '../errors.js';
import { describeFailure } from './git.js';
import type { Repository } from './repository.js';

/**
 * `workspace.copy` as paths inside the project, those that are there.
 *
 * @throws UserError for a path that leaves the project, and for one that git doesn't ignore: an agent's `git add -A` would
 * commit it, and secrets are what is usually copied
 */
export async function findCopies(repository: Repository, copy: string[], workspaceRoot: string): Promise<string[]> {
  const { projectDir, git } = repository;
  const paths = copy.map((path) => checkPath(path, projectDir, workspaceRoot));
  const present: string[] = [];
  for (const path of paths) {
    if (await lstat(join(projectDir, path)).catch(() => undefined)) present.push(path);
  }
  if (present.length === 0) return [];
  const args = ['check-ignore', '-z', '--stdin'];
  const result = await git.attempt(projectDir, args, { input: present.map((path) => `${path}\0`).join('') });
  if (result.exitCode > 1) throw describeFailure(projectDir, args, result);
  const ignored = new Set(result.stdout.split('\0'));
  const other = present.find((path) => !ignored.has(path));
  if (other !== undefined) {
    throw new UserError(
      `workspace.copy: git doesn't ignore ${JSON.stringify(other)}; add it to .gitignore, or commit it, and workspaces have it anyway`,
    );
  }
  return present;
}

/** Copies what `findCopies` found to the project's folder in a workspace. */
export async function copyFiles(projectDir: string, paths: string[], target: string): Promise<void> {
  for (const path of paths) {
    try {
      // A link itself would lead astray from its new place; those inside a folder are taken as they are.
      const source = await realpath(join(projectDir, path));
      await mkdir(dirname(join(target, path)), { recursive: true });
      await cp(source, join(target, path), {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
        mode: constants.COPYFILE_FICLONE,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`workspace.copy: ${path} could not be copied (${reason})`, EXIT.failed);
    }
  }
}

function checkPath(path: string, projectDir: string, workspaceRoot: string): string {
  const clean = normalize(path).replace(/\/+$/, '');
  const what = `workspace.copy: found ${JSON.stringify(path)}`;
  if (isAbsolute(clean) || clean === '..' || clean.startsWith(`..${sep}`)) {
    throw new UserError(`${what}, allowed: a path inside the project's folder, relative to it`);
  }
  if (clean === '.' || /^\.(git|garland)$/.test(clean.split(sep)[0]!)) {
    throw new UserError(`${what}, which can't be copied; name the files that workspaces need`);
  }
  if (`${workspaceRoot}${sep}`.startsWith(`${join(projectDir, clean)}${sep}`)) {
    throw new UserError(`${what}, which holds the workspaces themselves; name the files that they need`);
  }
  return clean;
}
