import { ActivityFailure, ApplicationFailure, condition, isCancellation, sleep } from '@temporalio/workflow';
import { describeFailure, retryAfterOf } from './run-context.js';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;

export interface Persistence {
  /** From the first failure to giving up, but for the time that failures themselves ask for. */
  giveUpAfterMs: number;
  /** There is no time to wait for what a failure says: gives up instead. */
  isHurried: () => boolean;
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
  { giveUpAfterMs, isHurried, isOver = () => false, onTrouble }: Persistence,
): Promise<T> {
  /** Undefined while all is well, and for as long as a failure has asked for. */
  let failingSince: number | undefined;
  let inTrouble = false;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    try {
      const answer = await call();
      if (inTrouble) onTrouble(null);
      return answer;
    } catch (error) {
      if (isOver() || isCancellation(error) || isFinal(error)) throw error;
      const reason = describeFailure(error);
      const summary = `again, after: ${reason.slice(0, 40)}`;
      const retryAfterMs = retryAfterOf(error);
      inTrouble = true;
      if (retryAfterMs === undefined) {
        failingSince ??= Date.now();
        if (Date.now() + delay - failingSince > giveUpAfterMs) throw error;
        onTrouble(reason);
        await sleep(delay, { summary });
      } else {
        if (isHurried()) throw error;
        onTrouble(reason);
        await condition(isHurried, retryAfterMs, { summary });
        failingSince = undefined;
      }
    }
  }
}

function isFinal(error: unknown): boolean {
  return (
    error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.nonRetryable === true
  );
}
