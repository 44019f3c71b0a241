import { isUtf8 } from 'node:buffer';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { withoutOwn } from '../secrets/variables.js';
import { CommandError, readReason, type CommandReason } from './beads-failure.js';
import { TrackerError } from './tracker.js';

/** A program that keeps issues in beads' database: `bd`, or `br` of beads_rust. */
export interface BeadsProgram {
  /** Its name or path, as it is started. */
  command: string;
  /** What it says that it is, whatever its file is called. */
  kind: 'bd' | 'br';
  version: string;
  /** The options of two commands: what a program can do differs more by version than by program. */
  updateFlags: ReadonlySet<string>;
  closeFlags: ReadonlySet<string>;
  /** The folder of the database, without symbolic links. Projects with the same one share its issues. */
  folder: string;
  /** Its copy of the issues for git. */
  jsonlFile: string;
}

/** Its answer: stdout, and whether it exited with 0. */
export interface CommandAnswer {
  stdout: string;
  /** Undefined when it exited with 0. */
  failure?: CommandReason;
}

/** Milliseconds for one command. */
const TIMEOUT_MS = 30_000;
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * Runs one command of the program, never through a shell. `ids` may begin with a dash: they are passed behind `--`.
 *
 * @throws TrackerError when it can't be started, doesn't end in time (its process group is killed), or answers in no encoding
 * that can be read. What it refuses is an answer.
 */
export async function runBeads(
  command: string,
  cwd: string,
  args: readonly string[],
  { ids = [], timeoutMs = TIMEOUT_MS }: { ids?: readonly string[]; timeoutMs?: number } = {},
): Promise<CommandAnswer> {
  const argv = [...args, ...(ids.length > 0 ? ['--', ...ids] : [])].map((argument) => argument.replaceAll('\0', ''));
  const what = `\`${command} ${args[0]}\``;
  const child = execa(command, argv, {
    cwd,
    env: environment(),
    extendEnv: false,
    stdin: 'ignore',
    encoding: 'buffer',
    maxBuffer: MAX_BYTES,
    reject: false,
    // A group of its own: Ctrl-C must not break off a write, and a program that hangs is killed with all that it started.
    detached: true,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
    // Whoever has left the group may hold the pipes open.
    child.stdout.destroy();
    child.stderr.destroy();
  }, timeoutMs);
  const result = await child;
  clearTimeout(timer);
  if (timedOut) {
    const advice = 'is something else holding its database?';
    throw new TrackerError(`${what} did not answer in ${timeoutMs / 1000} s and was killed; ${advice}`);
  }
  if (result.code === 'ENOENT') throw missing(command);
  if (result.exitCode === undefined) {
    throw new TrackerError(`${what} could not be run: ${result.shortMessage ?? 'it was killed'}`);
  }
  const stdout = Buffer.from(result.stdout);
  if (!isUtf8(stdout)) throw new TrackerError(`${what} answered what is not UTF-8; look at its output`, true);
  if (result.exitCode === 0) return { stdout: stdout.toString('utf8') };
  const stderr = Buffer.from(result.stderr).toString('utf8');
  return {
    stdout: stdout.toString('utf8'),
    failure: readReason(result.exitCode, stdout.toString('utf8'), stderr),
  };
}

/** The same for a command that has to succeed: its stdout. */
export async function askBeads(
  command: string,
  cwd: string,
  args: readonly string[],
  options?: { ids?: readonly string[]; timeoutMs?: number },
): Promise<string> {
  const { stdout, failure } = await runBeads(command, cwd, args, options);
  if (failure) throw new CommandError(command, args, failure);
  return stdout;
}

/** The user's own, but for what is garland's alone, would change the form of an answer, or start a process that stays. */
function environment(): NodeJS.ProcessEnv {
  const { BR_OUTPUT_FORMAT: _br, TOON_DEFAULT_FORMAT: _toon, RUST_LOG: _log, ...rest } = withoutOwn(process.env);
  return { ...rest, NO_COLOR: '1', BEADS_NO_DAEMON: '1', BD_NO_PAGER: '1' };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone by itself.
  }
}

const missing = (command: string): TrackerError =>
  new TrackerError(
    `there is no program ${command}: install bd or br (\`cargo install beads_rust\`), or name it in WORKFLOW.md as tracker.provider.command`,
    true,
  );

export function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isProgram(join(folder, command)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
