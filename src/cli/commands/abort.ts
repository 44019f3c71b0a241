import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunResult } from '../../contract/run.js';
import { EXIT, UserError, type ExitCode } from '../../errors.js';
import type { RunDescription, RunHandle } from '../../temporal/run-handle.js';
import type { RunningWorker } from '../../temporal/worker.js';
import { connect, type Connected } from '../connect.js';
import type { AddCommand } from '../main.js';
import { addProjectOptions, type ProjectOptions } from '../options.js';
import { findProjectName } from '../project-name.js';
import { oneLine } from '../report-error.js';
import type { Shell } from '../shell.js';
import { within } from '../within.js';

interface AbortOptions extends ProjectOptions {
  reason: string;
  /** False with `--no-wait`. */
  wait: boolean;
  json?: boolean;
}

export const addAbort: AddCommand = (program, shell, finish) => {
  addProjectOptions(program.command('abort'))
    .description("stop the run's agents and end it; their work is kept, and the next run takes it up")
    .option('--reason <text>', 'why', 'garland abort')
    .option('--no-wait', 'return at once, not when the run has ended')
    .option('--json', 'print JSON')
    .action(async (options: AbortOptions) => finish(await abort(options, shell)));
};

async function abort(options: AbortOptions, shell: Shell): Promise<ExitCode> {
  const project = await findProjectName(options, shell);
  const connected = await connect(shell, { start: false });
  const handle = connected.client.handle(project);
  const described = await handle.describe();
  if (!described?.running) throw new UserError(`no run of ${project} is going on, so there is nothing to abort`);
  await handle.abort(options.reason);
  if (!options.wait) {
    if (options.json) shell.out(JSON.stringify({ project, runId: described.runId, abortRequested: true }));
    else shell.out(`asked the run of ${project} to abort`);
    return EXIT.ok;
  }
  const ended = handle.result();
  const helper = helpWhereNeeded(handle, described, connected, project, shell);
  try {
    tell(await ended, options, shell);
    return EXIT.ok;
  } finally {
    await helper.stop();
  }
}

/**
 * Without a worker an abort only waits, and the one that was there may be killed meanwhile. The server remembers a worker for
 * minutes after that, so whether one is there is asked of the run itself. Elsewhere than beside the project's folder a worker
 * couldn't reach the agents.
 */
function helpWhereNeeded(
  handle: RunHandle,
  { hasWorker, projectDir }: RunDescription,
  { server }: Connected,
  project: string,
  { err }: Shell,
): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const stopped = once(stopping.signal, 'abort');
  const hasAnswer = async (): Promise<boolean> => Boolean(await within(answerTime, handle.state()));

  const help = async (): Promise<RunningWorker | undefined> => {
    let isThere = hasWorker && (await hasAnswer());
    while (isThere && !stopping.signal.aborted) {
      await Promise.race([sleep(lookInterval), stopped]);
      isThere = (await Promise.race([hasAnswer(), stopped])) !== false;
    }
    if (stopping.signal.aborted) return undefined;
    if (projectDir !== undefined && !existsSync(projectDir)) {
      err(`garland: no worker answers, and ${projectDir} is not on this machine; waiting for a worker there`);
      return undefined;
    }
    err('garland: no worker answers; doing its work until the run has ended');
    const { startWorker } = await import('../../temporal/worker.js');
    return startWorker({ server, project });
  };

  const helping = help().catch((error: unknown) => {
    err(`garland: no worker could be started: ${oneLine(error)}`);
    return undefined;
  });
  return {
    async stop() {
      stopping.abort();
      await (await helping)?.shutdown();
    },
  };
}

/** Milliseconds. A worker that lives answers in a few. */
const answerTime = 700;
const lookInterval = 1500;

function tell(result: RunResult, { json }: AbortOptions, { out }: Shell): void {
  if (json) return out(JSON.stringify(result));
  const { project, outcome, aborted } = result;
  if (outcome !== 'aborted') return out(`the run of ${project} had ended before: ${outcome}`);
  const stopped = aborted.length === 0 ? 'no agent was at work' : `stopped: ${aborted.join(', ')}`;
  out(`the run of ${project} is aborted (${result.abortReason}); ${stopped}`);
  for (const { id, workspace } of result.finished.filter((issue) => issue.outcome === 'aborted')) {
    if (workspace !== undefined) out(`  ${id}: its work is kept in ${workspace}`);
  }
}
