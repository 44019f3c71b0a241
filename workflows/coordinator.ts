import { CancellationScope, setHandler } from '@temporalio/workflow';
import type { RunResult } from '../src/contract/run.js';
import type { CarriedState } from './carried-state.js';
import { abortSignal, drainSignal, eventsQuery, stateQuery } from './messages.js';
import { Run } from './run.js';

/**
 * Takes the ready issues of a project's tracker, runs one agent for each up to a limit, verifies and lands what each did,
 * and goes on until nothing is ready. `input` is checked by its first activity, whoever sent it: see RunInput. `carried`
 * is the run's own, from continue-as-new.
 *
 * @returns how the run ended, and what became of each issue
 * @throws ApplicationFailure `InvalidInput` | `NotStartable` when nothing could be started
 */
export async function coordinator(input: unknown, carried?: CarriedState): Promise<RunResult> {
  const run = new Run(input, carried);
  setHandler(abortSignal, (reason) => run.requestAbort(reason), {
    description: 'Stop every agent, start none, put their issues back. Argument: the reason.',
  });
  setHandler(drainSignal, () => run.requestDrain(), {
    description: 'Start nothing new, and end when the active agents have.',
  });
  setHandler(stateQuery, () => run.snapshot(), {
    description: 'What is active, planned, ready and finished, and what the run waits for.',
  });
  setHandler(eventsQuery, (after) => run.log.page(after ?? 0), {
    description: 'What happened, in order. Argument: the seq after which to begin, 0 for all.',
  });
  // Cancelling from the Web UI or the CLI is an abort. The loop itself must not be cancelled, or nothing would be put in order.
  CancellationScope.current().cancelRequested.catch(() => run.requestAbort('the workflow was cancelled'));
  return CancellationScope.nonCancellable(() => run.execute());
}
