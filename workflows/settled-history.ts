import type { WorkflowInterceptors } from '@temporalio/workflow';
import type { UNSETTLED } from '../src/contract/run.js';

const unsettled: typeof UNSETTLED = 'not settled yet';

/**
 * Keeps a run from telling what may turn out otherwise. A query that reaches a worker which hasn't the run in its cache brings the whole
 * history, also events that no workflow task has begun to take up. The SDK plays them, dated like the task before; the task to come
 * takes up these and perhaps more, at a time of its own. What was answered in between would never have happened, and commands of a run
 * played like that come in an order that no replay gives again. So the query is refused, and the task to come starts from the history.
 *
 * A run that was terminated has no task to come. Its last argument being true, a query is answered all the same.
 */
export const interceptors = (): WorkflowInterceptors => {
  let last = { date: '', length: 0 };
  let isAhead = false;
  return {
    internals: [
      {
        activate(input, next) {
          const { timestamp, historyLength, isReplaying } = input.activation;
          // Tasks differ by nanoseconds. Should two not do so, then only until this one is replayed.
          const date = `${String(timestamp?.seconds)}.${timestamp?.nanos}`;
          const length = historyLength ?? 0;
          if (isAhead && date !== last.date) throw new Error('this run was played for a query: beginning anew');
          isAhead ||= date === last.date && length > last.length && !isReplaying;
          last = { date, length };
          next(input);
        },
      },
    ],
    inbound: [
      {
        async handleQuery(input, next) {
          if (isAhead && input.args.at(-1) !== true) throw new Error(unsettled);
          return next(input);
        },
      },
    ],
  };
};
