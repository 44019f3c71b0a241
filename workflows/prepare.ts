import { ApplicationFailure } from '@temporalio/workflow';
import type { PreparedRun } from '../src/contract/activities.js';
import { call } from './activity-options.js';
import { persist } from './persistent-call.js';
import { describeFailure, isAborting } from './run-context.js';
import type { RunContext } from './run-context.js';

/** WORKFLOW.md hasn't been read yet: as long as polling.give_up_after_ms is by default. */
const PATIENCE_MS = 600_000;

/**
 * Checks the input and makes everything ready, as soon as the tracker answers. Undefined when an abort came first.
 *
 * @throws ApplicationFailure `NotStartable`, with what a person has to do
 */
export async function prepare(run: RunContext, input: unknown): Promise<PreparedRun | undefined> {
  const { project, runId } = run.state;
  const to = { project, summary: 'check the input and the repository', once: true };
  const isOver = (): boolean => isAborting(run.state);
  try {
    return await persist(() => call.prepareRun(to, project, runId, input), {
      giveUpAfterMs: PATIENCE_MS,
      isOver,
      isHurried: isOver,
      onTrouble(reason) {
        if (reason !== null) run.warn(`the run can't begin yet: ${reason}; trying again`);
        run.state.pollTrouble = reason;
      },
    });
  } catch (error) {
    if (isOver()) return undefined;
    throw ApplicationFailure.create({ message: describeFailure(error), type: 'NotStartable', nonRetryable: true });
  }
}
