import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { missingIdentity } from './git-environment.js';
import type { Git } from './git.js';

/** The git repository that a project lies in. */
export interface Repository {
  git: Git;
  /** The project's folder, as configured. Git calls that concern no worktree in particular run here. */
  projectDir: string;
  /** Where its refs and worktrees are kept, also when the project lies in a linked worktree. */
  commonDir: string;
  /** From the repository's top to the project's folder, with a slash at the end; empty when they are the same. */
  prefix: string;
  /** Environment for calls that make commits. */
  identity(): Promise<Record<string, string>>;
}

/** @throws UserError when the folder is in no repository */
export async function openRepository(projectDir: string, git: Git, env: NodeJS.ProcessEnv): Promise<Repository> {
  const commonDir = resolve(projectDir, await git.run(projectDir, ['rev-parse', '--git-common-dir']));
  let identity: Promise<Record<string, string>> | undefined;
  return {
    git,
    projectDir,
    commonDir: realpathSync(commonDir),
    prefix: findPrefix(projectDir),
    identity: () => (identity ??= readIdentity(projectDir, git, env)),
  };
}

/** Without git, so that a workspace's path can be told at any time. */
export function findPrefix(projectDir: string): string {
  let start: string;
  try {
    start = realpathSync(projectDir);
  } catch {
    return '';
  }
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) {
      const inside = relative(folder, start).split(sep).join('/');
      return inside === '' ? '' : `${inside}/`;
    }
    if (dirname(folder) === folder) return '';
  }
}

async function readIdentity(projectDir: string, git: Git, env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const pattern = '^(user|author|committer)\\.(name|email)$';
  const { stdout } = await git.attempt(projectDir, ['config', '--get-regexp', pattern]);
  return missingIdentity(env, stdout);
}
