import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { configSchema, type Config } from '../../src/config/schema.js';
import { createWorkspaces, type WorkspacesDeps } from '../../src/workspaces/create-workspaces.js';
import type { VerifyOptions, Workspaces } from '../../src/workspaces/workspaces.js';

export const NEVER = new AbortController().signal;

/** Git as a user would run it, with nothing of this machine's configuration. */
export const USER_ENV: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'User',
  GIT_AUTHOR_EMAIL: 'user@example.org',
  GIT_COMMITTER_NAME: 'User',
  GIT_COMMITTER_EMAIL: 'user@example.org',
};

type Files = Record<string, string | null>;

/** A project in a repository in a temporary folder, which stays when the test failed. */
export class Project {
  readonly top: string;
  readonly dir: string;
  readonly config: Config;
  private attempts = 0;

  constructor(config: Record<string, unknown> = {}, { inside = '' } = {}) {
    const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'garland-workspaces-')));
    onTestFinished(({ task }) => {
      if (task.result?.state !== 'fail') rmSync(temporary, { recursive: true, force: true });
    });
    this.top = join(temporary, 'project');
    this.dir = join(this.top, inside);
    mkdirSync(this.dir, { recursive: true });
    this.config = configSchema.parse({ tracker: {}, ...config });
  }

  /** A repository whose branch main has one commit with these files. */
  start(files: Files = {}): this {
    this.git('init', '--quiet', '--initial-branch=main', '.');
    this.commit('base', { 'README.md': 'a project\n', '.gitignore': '*.log\n.env\n', ...files });
    return this;
  }

  workspaces(deps: Partial<WorkspacesDeps> = {}): Workspaces {
    return createWorkspaces(this.dir, this.config, { ownPaths: ['.beads'], env: USER_ENV, ...deps });
  }

  git(...args: string[]): string {
    return gitIn(this.top, ...args);
  }

  /** Commits on the branch that is checked out in the user's own checkout. */
  commit(message: string, files: Files): string {
    return commitIn(this.top, message, files);
  }

  /** A folder for a new attempt. */
  attempt(): string {
    this.attempts += 1;
    return join(this.dir, '.garland', 'runs', 'r', `a${this.attempts}`);
  }

  options(over: Partial<VerifyOptions> = {}): VerifyOptions {
    return { directory: this.attempt(), env: {}, noChange: false, signal: NEVER, ...over };
  }

  /** Subjects of the integration branch's commits, newest first. */
  landed(): string[] {
    return this.git('log', '--format=%s', 'garland/integration').split('\n');
  }

  /** A file on the integration branch; undefined when it isn't there. */
  landedFile(path: string): string | undefined {
    try {
      return this.git('show', `garland/integration:${path}`);
    } catch {
      return undefined;
    }
  }
}

export function gitIn(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, env: USER_ENV, encoding: 'utf8', stdio: 'pipe' }).trimEnd();
}

/** Undefined instead of an error: for what may not exist. */
export function tryGitIn(folder: string, ...args: string[]): string | undefined {
  try {
    return gitIn(folder, ...args);
  } catch {
    return undefined;
  }
}

export function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (content === null) rmSync(file, { recursive: true });
    else writeFileSync(file, content);
  }
}

export function commitIn(folder: string, message: string, files: Files): string {
  write(folder, files);
  gitIn(folder, 'add', '--all');
  gitIn(folder, 'commit', '--quiet', '--allow-empty', '-m', message);
  return gitIn(folder, 'rev-parse', 'HEAD');
}

export const work = (issueId: string, issueTitle = `Title of ${issueId}`) => ({ issueId, issueTitle });

/** Prepares a run and makes the issue's workspace. */
export async function begin(project: Project, workspaces: Workspaces, issueId: string): Promise<string> {
  await workspaces.prepareRun();
  const { path } = await workspaces.ensure(work(issueId), {}, project.attempt(), NEVER);
  return path;
}
