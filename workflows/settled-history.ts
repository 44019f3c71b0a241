import type { ActivateInput, WorkflowInterceptors } from '@temporalio/workflow';
import type { UNSETTLED } from '../src/contract/run.js';

const unsettled: typeof UNSETTLED = 'not settled yet';
/** The SDK's name for a query that is no part of a workflow task. */
const ON_ITS_OWN = 'legacy_query';

type Activation = ActivateInput['activation'];

/**
 * Keeps a run from telling what may turn out otherwise. A query that waited for a worker which is gone comes to the next one with the
 * whole history, also with events that no workflow task has taken up, or with the beginning of a task that the other worker never ends.
 * The SDK plays them. The task to come takes them up once more, perhaps with others, at a time of its own: what was answered would never
 * have happened, and a run that has been played like that goes on with commands that no replay gives again.
 *
 * So a query on its own is refused, and with it the run leaves the worker's cache, when what was played last may have been for the query
 * alone. It wasn't, once this worker has played two tasks in a row; until then a refusal costs a replay.
 *
 * A run that was terminated has no task to come. With `true` as its last argument a query is answered all the same.
 */
export const interceptors = (): WorkflowInterceptors => {
  let last = { length: 0, date: '' };
  let isProven = false;
  let isDoubtful = false;

  const note = ({ historyLength, timestamp, isReplaying }: Activation): void => {
    const length = historyLength ?? 0;
    // An activation comes in several pieces.
    if (length === last.length) return;
    const date = `${String(timestamp?.seconds)}.${timestamp?.nanos}`;
    isProven = !isReplaying && (isProven || isDoubtful);
    // Without a task of their own, events are dated like the task before.
    isDoubtful = !isReplaying && (!isProven || date === last.date);
    last = { length, date };
  };

  return {
    internals: [
      {
        activate(input, next) {
          const queries = (input.activation.jobs ?? []).flatMap(({ queryWorkflow }) => queryWorkflow ?? []);
          if (queries.length === 0) note(input.activation);
          const query = queries.find(({ queryId }) => queryId === ON_ITS_OWN);
          if (query && isDoubtful && !isTrue(query.arguments?.at(-1)?.data)) throw new Error(unsettled);
          next(input);
        },
      },
    ],
  };
};

const isTrue = (json: Uint8Array | null | undefined): boolean => String.fromCharCode(...(json ?? [])) === 'true';
