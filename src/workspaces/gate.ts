import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import type { Verdict } from '../contract/outcomes.js';
import { stopJob } from '../processes/job.js';
import { GRACE_MS, runRepeatableCommand, type CommandDeps } from './run-command.js';
import { rejectWork, type Rejection } from './rejection.js';

export interface GateRun {
  /** The attempt's folder. */
  directory: string;
  /** What is checked: the same commit in the same attempt is checked once, whatever crashes. Absent without git. */
  commit?: string;
  cwd: string;
  env: Record<string, string>;
  signal: AbortSignal;
  /** Puts the folder back to the commit before a command that vanished is run again. */
  restore?: () => Promise<void>;
}

/** Runs the gate's commands in their order up to the first that fails. Undefined when all passed. */
export async function runGate(
  deps: CommandDeps,
  config: Config['verify'],
  run: GateRun,
): Promise<Rejection | undefined> {
  for (const [index, command] of config.commands.entries()) {
    const name = gateFolder(run.commit, index);
    const spec = { command, cwd: run.cwd, env: run.env, timeoutMs: config.timeout_ms, signal: run.signal };
    const result = await runRepeatableCommand(deps, join(run.directory, name), spec, run.restore);
    const said = result.tail.trim() || 'It printed nothing.';
    const reject = (kind: Extract<Verdict, { accepted: false }>['kind'], what: string): Rejection =>
      rejectWork(kind, `${what}: ${command}\n${said}`, result.logFile);
    switch (result.outcome) {
      case 'exited':
        if (result.exitCode === 0) continue;
        return reject('gate_failed', `the gate's command ${index + 1} failed (${result.reason})`);
      case 'timed_out':
        return reject('gate_timed_out', `the gate's command ${index + 1} timed out (${result.reason})`);
      case 'lost':
        return reject('gate_failed', `the gate's command ${index + 1} vanished again and again (${result.reason})`);
      case 'aborted':
        return rejectWork('aborted', result.reason, result.logFile);
    }
  }
  return undefined;
}

/** The folder of a command's job in an attempt's; `index` is from 0. */
export function gateFolder(commit: string | undefined, index: number): string {
  return ['gate', ...(commit ? [commit.slice(0, 12)] : []), String(index + 1)].join('-');
}

/** Stops what runs of the gate in an attempt's folder, whoever started it, and what was just about to. */
export async function stopGate(directory: string, reason: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith('gate-'))) {
    await stopJob(join(directory, name), { graceMs: GRACE_MS, reason });
  }
}
