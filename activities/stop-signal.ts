import type { Context } from '@temporalio/activity';
import type { Interruption } from '../src/processes/interruption.js';

export interface StopSignalOptions {
  /** Nothing is to go on: stopped from the start. */
  settle?: boolean;
  /** Asked when the server no longer knows the activity; a rejection counts as yes, because a wrong stop loses work. */
  isRunGoingOn: () => Promise<boolean>;
}

/**
 * Temporal's cancellation as an AbortSignal whose reason says what it means for a detached process:
 * cancel requested → stop; worker shutdown, pause, reset, time-out → leave it to the retry; not found → leave it if the run
 * goes on (continue-as-new, or a retry took over), stop it if no such run is open (terminated, or deleted).
 */
export function stopSignal(context: Context, { settle, isRunGoingOn }: StopSignalOptions): AbortSignal {
  const controller = new AbortController();
  const interrupt = (interruption: Interruption) => controller.abort(interruption);
  if (settle) interrupt({ kind: 'stop', reason: 'aborted' });
  const hear = (): void => {
    const details = context.cancellationDetails;
    if (details?.cancelRequested) return interrupt({ kind: 'stop', reason: 'aborted' });
    if (!details?.notFound) return interrupt({ kind: 'leave' });
    isRunGoingOn().then(
      (goesOn) => interrupt(goesOn ? { kind: 'leave' } : { kind: 'stop', reason: 'aborted: the run is gone' }),
      () => interrupt({ kind: 'leave' }),
    );
  };
  // It may have come while the project was being opened.
  if (context.cancellationSignal.aborted) hear();
  else context.cancellationSignal.addEventListener('abort', hear, { once: true });
  return controller.signal;
}
