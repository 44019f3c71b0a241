import type { Context } from '@temporalio/activity';
import { expect, test } from 'vitest';
import { stopSignal } from '../../activities/stop-signal.js';

/** As Temporal tells of a cancellation: a signal, and what is known of why. */
function anActivity(details: { cancelRequested?: boolean; notFound?: boolean; workerShutdown?: boolean }) {
  const controller = new AbortController();
  const context = { cancellationSignal: controller.signal, cancellationDetails: details } as unknown as Context;
  return { context, cancel: () => controller.abort() };
}

const left = { kind: 'leave' };
const known = { isRunGoingOn: async () => true };

test.each([
  [{ cancelRequested: true }, true, { kind: 'stop', reason: 'aborted' }],
  [{ workerShutdown: true }, true, left],
  [{ notFound: true }, true, left],
  [{ notFound: true }, false, { kind: 'stop', reason: 'aborted: the run is gone' }],
])(
  '%o, while the run goes on: %s, means %o, whether it comes later or has come already',
  async (details, goesOn, means) => {
    for (const isEarly of [true, false]) {
      const { context, cancel } = anActivity(details);
      if (isEarly) cancel();
      const signal = stopSignal(context, { isRunGoingOn: async () => goesOn });
      if (!isEarly) cancel();
      await expect.poll(() => signal.reason).toEqual(means);
    }
  },
);

test('what is only to be settled is stopped from the start', () => {
  expect(stopSignal(anActivity({}).context, { settle: true, ...known }).reason).toEqual({
    kind: 'stop',
    reason: 'aborted',
  });
});

test('without a cancellation nothing stops', () => {
  expect(stopSignal(anActivity({}).context, known).aborted).toBe(false);
});
