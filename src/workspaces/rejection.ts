import type { RejectionKind, Verdict } from '../contract/outcomes.js';
import { hideSecrets } from '../secrets/hide-secrets.js';
import { LeftRunning, readInterruption } from '../processes/job.js';

export type Rejection = Extract<Verdict, { accepted: false }>;

const MAX_REASON = 4_000;

/**
 * The beginning says what went wrong, the end is the end of an output: too long a reason loses its middle. Cutting can
 * halve a character, and what isn't whole can't be stored.
 */
export function rejectWork(kind: RejectionKind, said: string, logFile?: string): Rejection {
  const reason = hideSecrets(said);
  const short =
    reason.length <= MAX_REASON ? reason : `${reason.slice(0, 1_000)}\n…\n${reason.slice(-(MAX_REASON - 1_010))}`;
  return { accepted: false, kind, reason: Buffer.from(short).toString(), ...(logFile !== undefined && { logFile }) };
}

/**
 * What the signal asks for between two steps: undefined to go on, a verdict when the work is to be stopped.
 *
 * @throws LeftRunning when somebody else is going to carry on
 */
export function readStopRequest(signal: AbortSignal, directory: string): Rejection | undefined {
  const interruption = readInterruption(signal);
  if (interruption?.kind === 'leave') throw new LeftRunning(directory);
  return interruption && rejectWork('aborted', interruption.reason);
}

/** The same for an error: undefined unless it says no more than that a wait was given up because of the signal. */
export function readStoppedWait(error: unknown, signal: AbortSignal, directory: string): Rejection | undefined {
  const isWait = error === signal.reason || (error instanceof Error && error.name === 'AbortError');
  return isWait ? readStopRequest(signal, directory) : undefined;
}
