import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { EXIT, UserError } from '../errors.js';
import type { JobResult } from '../processes/job.js';
import { runCommand, runRepeatableCommand, type CommandDeps, type CommandSpec } from './run-command.js';

export type HookName = 'after_create' | 'before_run' | 'after_run' | 'before_remove';

export interface HookPlace {
  /** The workspace's folder. */
  cwd: string;
  env: Record<string, string>;
  signal: AbortSignal;
}

/**
 * Runs a hook once for this directory, if it is configured: after a crash the same job is attached to.
 *
 * @throws UserError with the end of its output when it fails or times out
 */
export async function runHook(
  deps: CommandDeps,
  config: Config['hooks'],
  hook: HookName,
  directory: string,
  place: HookPlace,
): Promise<void> {
  const command = config[hook];
  if (command === undefined) return;
  const folder = join(directory, hook.replace('_', '-'));
  throwOnFailure(hook, place.cwd, await runRepeatableCommand(deps, folder, specOf(config, command, place)));
}

/**
 * The same for after_create in a job's folder of its own. False when it vanished or was stopped:
 * it can't be run again over what it left.
 */
export async function runAfterCreate(
  deps: CommandDeps,
  config: Config['hooks'],
  job: string,
  place: HookPlace,
): Promise<boolean> {
  if (config.after_create === undefined) return true;
  const result = await runCommand(deps, job, specOf(config, config.after_create, place));
  // A later run stops what an earlier one left running.
  if (result.outcome === 'lost' || (result.outcome === 'aborted' && !place.signal.aborted)) return false;
  throwOnFailure('after_create', place.cwd, result);
  return true;
}

function specOf(config: Config['hooks'], command: string, place: HookPlace): CommandSpec {
  return { command, timeoutMs: config.timeout_ms, ...place };
}

function throwOnFailure(hook: HookName, cwd: string, result: JobResult): void {
  if (result.outcome === 'exited' && result.exitCode === 0) return;
  const tail = result.tail.trim().split('\n').slice(-5).join(' | ').slice(-1_000);
  const what = result.outcome === 'timed_out' ? `timed out (${result.reason})` : `failed (${result.reason})`;
  throw new UserError(
    `hooks.${hook} ${what} in ${cwd}${tail === '' ? '' : `: ${tail}`}; its whole output: ${result.logFile}`,
    EXIT.failed,
  );
}
