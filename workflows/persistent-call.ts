import { ActivityFailure, ApplicationFailure, isCancellation, sleep } from '@temporalio/workflow';
import { describeFailure } from './run-context.js';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;

export interface Persistence {
  /** From the first failure to giving up. */
  giveUpAfterMs: number;
  /** Asked after a failure: it is not worth trying again. @default never */
  isOver?: () => boolean;
  /** Told after each failure that will be tried again, and with null once it worked: so that the run can say what it waits for. */
  onTrouble: (reason: string | null) => void;
}

/**
 * Calls an activity until it works. The waits are the workflow's own, not Temporal's retries, so that a run knows why it
 * waits and what to say when it gives up.
 *
 * @throws the last failure, at once when it is final or a cancellation
 */
export async function persist<T>(
  call: () => Promise<T>,
  { giveUpAfterMs, isOver = () => false, onTrouble }: Persistence,
): Promise<T> {
  let failingSince: number | null = null;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    try {
      const answer = await call();
      if (failingSince !== null) onTrouble(null);
      return answer;
    } catch (error) {
      failingSince ??= Date.now();
      if (isOver() || isCancellation(error) || isFinal(error) || Date.now() + delay - failingSince > giveUpAfterMs)
        throw error;
      const reason = describeFailure(error);
      onTrouble(reason);
      await sleep(delay, { summary: `again, after: ${reason.slice(0, 40)}` });
    }
  }
}

function isFinal(error: unknown): boolean {
  return (
    error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.nonRetryable === true
  );
}
