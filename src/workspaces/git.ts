import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { EXIT, UserError } from '../errors.js';
import { hideSecrets } from '../secrets/hide-secrets.js';
import { withoutTokens } from '../secrets/variables.js';
import { gitEnvironment } from './git-environment.js';

export interface GitOptions {
  /** For its stdin. */
  input?: string | Uint8Array;
  env?: Record<string, string>;
  /** Stops git when aborted; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** @default 10 minutes: a checkout of a large repository on a slow disk */
  timeoutMs?: number;
  /** One character for each byte of the output, for what need not be UTF-8: paths and commits. */
  bytes?: boolean;
}

export interface GitResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Every git process of the workspaces, so that a test can stand in between. */
export interface Git {
  /** Its stdout without the last newline. @throws UserError with git's own words unless it exits with 0 */
  run(cwd: string, args: string[], options?: GitOptions): Promise<string>;
  /** For calls whose exit status is an answer. @throws UserError when git can't be started or is stopped */
  attempt(cwd: string, args: string[], options?: GitOptions): Promise<GitResult>;
}

/**
 * Settings of the user's that would change what garland does, or that would make git touch more than it is told to. The
 * gate is the check of an agent's work, so the user's hooks don't run for garland's own commits, merges and rebases.
 */
const OVERRIDES = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.quotePath=false',
  'commit.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'rerere.enabled=false',
  'rebase.autoStash=false',
  'rebase.autoSquash=false',
  'rebase.updateRefs=false',
  'rebase.missingCommitsCheck=ignore',
  'merge.conflictStyle=merge',
  'merge.autoStash=false',
  'merge.ff=true',
  'merge.verifySignatures=false',
  'submodule.recurse=false',
  'worktree.useRelativePaths=false',
  'status.showUntrackedFiles=normal',
  'log.showSignature=false',
  'color.ui=false',
].flatMap((setting) => ['-c', setting]);

const TIMEOUT_MS = 600_000;

export function createGit(parentEnv: NodeJS.ProcessEnv = process.env): Git {
  const environment = gitEnvironment(parentEnv);
  const environmentOf = (command: string) => (TAKES_IN.has(command) ? withoutTokens(environment) : environment);

  const call: Git['attempt'] = async (cwd, args, options = {}) => {
    options.signal?.throwIfAborted();
    const result = await execa('git', [...OVERRIDES, ...args], {
      cwd,
      env: { ...environmentOf(nameOf(args)), ...options.env },
      extendEnv: false,
      input: options.input ?? '',
      timeout: options.timeoutMs ?? TIMEOUT_MS,
      cancelSignal: options.signal,
      encoding: options.bytes ? 'latin1' : 'utf8',
      stripFinalNewline: !options.bytes,
      reject: false,
      // Ctrl-C goes to the terminal's whole foreground group; a commit or a checkout must not die of it half done.
      detached: true,
    });
    options.signal?.throwIfAborted();
    if (result.exitCode === undefined) throw describeBroken(cwd, args, result);
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  };

  const attempt: Git['attempt'] = async (cwd, args, options) => {
    const giveUp = performance.now() + LOCK_PATIENCE_MS;
    for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 250)) {
      const result = await call(cwd, args, options);
      const isLocked = result.exitCode !== 0 && REPEATABLE.has(args[0] ?? '') && LOCKED.test(result.stderr);
      if (!isLocked || performance.now() > giveUp) return result;
      await sleep(pauseMs);
    }
  };

  const run: Git['run'] = async (cwd, args, options) => {
    const result = await attempt(cwd, args, options);
    if (result.exitCode !== 0) throw describeFailure(cwd, args, result);
    return result.stdout;
  };

  return { run, attempt };
}

/**
 * Takes in what an agent has written, by the filters that it may have set in the repository's configuration, and asks no server for
 * anything. The others may: besides `fetch` and `push`, whatever writes files out does with LFS and in a partial clone.
 */
const TAKES_IN = new Set(['add', 'commit', 'diff', 'status', 'update-index', 'write-tree']);

/** A git that a killed garland started goes on for a moment, and holds its locks. */
const LOCKED = /\.lock': File exists/;
const LOCK_PATIENCE_MS = 5_000;
/** What has done nothing yet when it finds a lock. */
const REPEATABLE = new Set(['add', 'commit', 'reset', 'restore', 'symbolic-ref', 'update-index', 'update-ref']);

/** The error for a call whose exit status was not one of the answers. */
export function describeFailure(cwd: string, args: string[], result: GitResult): UserError {
  return new UserError(`git ${nameOf(args)} in ${cwd} failed: ${sayInOneLine(result)}`, EXIT.failed);
}

/** What git says without its hints, in one line. */
export function sayInOneLine({ stderr, stdout, exitCode }: GitResult): string {
  const lines = (stderr.trim() || stdout.trim()).split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => /^(fatal|error):/.test(line));
  const said = (telling.length > 0 ? telling : lines.filter((line) => !line.startsWith('hint:')))
    .map((line) => line.replace(/^(fatal|error): /, ''))
    .join('; ');
  return said === '' ? `exit ${exitCode}` : hideSecrets(said).slice(0, 600);
}

interface Broken {
  code?: string;
  timedOut: boolean;
  shortMessage?: string;
}

function describeBroken(cwd: string, args: string[], result: Broken): UserError {
  if (result.code === 'ENOENT' && existsSync(cwd)) {
    return new UserError('git was not found on PATH: install it, or set workspace.kind: directory');
  }
  if (result.code === 'ENOENT') return new UserError(`${cwd}: the folder is gone`, EXIT.failed);
  const what = result.timedOut ? 'took too long and was stopped' : (result.shortMessage ?? 'was killed');
  return new UserError(`git ${nameOf(args)} in ${cwd} ${hideSecrets(what.split('\n')[0] ?? '')}`, EXIT.failed);
}

/** The command's name, without the settings before it. */
const nameOf = (args: string[]): string => args.find((arg, at) => !arg.startsWith('-') && args[at - 1] !== '-c') ?? '';
