import { setTimeout as sleep } from 'node:timers/promises';
import type { RunResult } from '../contract/run.js';
import { UserError } from '../errors.js';
import type { RunHandle } from '../temporal/run-handle.js';
import { describeGap } from './describe-gap.js';
import type { RunView } from './views/run-view.js';

export interface FollowOptions {
  /** Asked before each look, as the connection may have been made anew. */
  handle: () => Pick<RunHandle, 'events' | 'state' | 'result' | 'describe'>;
  view: RunView;
  /** Stops following; the promise then rejects with the signal's reason. */
  signal: AbortSignal;
  /** Called when a look at the run failed, with what went wrong, and with undefined when one has worked. */
  onTrouble: (error: unknown) => void;
  /** Milliseconds between two looks. @default 250 */
  interval?: number;
  /** The result says all that matters: milliseconds that the last events of a run which has ended may take. @default 30,000 */
  patience?: number;
}

/**
 * Shows a run from its first event until it has ended, and returns what came of it. A server or worker that can't be
 * reached is waited for: the events come from the run's own state, so none is missed or told twice.
 *
 * @throws UserError when the run ended without a result: failed, terminated
 */
export async function followRun({
  handle,
  view,
  signal,
  onTrouble,
  interval = 250,
  patience = 30_000,
}: FollowOptions): Promise<RunResult> {
  const end = watchEnd(handle, signal);
  let after = 0;
  for (;;) {
    signal.throwIfAborted();
    // Taken before the look: what it saw is complete only if the run had ended by then.
    const { result, resultAt = 0, failure } = end;
    let isComplete = false;
    // The SDK tries for ten seconds before it says that nobody answers.
    const waiting = setInterval(() => onTrouble(new Error('no answer yet')), 1000);
    try {
      await look(handle(), view, after, (seq) => void (after = seq));
      isComplete = true;
      onTrouble(undefined);
    } catch (error) {
      signal.throwIfAborted();
      onTrouble(error);
    } finally {
      clearInterval(waiting);
    }
    if (failure) throw failure;
    if (result && (isComplete || performance.now() - resultAt > patience)) return result;
    await sleep(interval);
  }
}

/** Shows what is new, page by page. Each event is told of as soon as it was shown: a page after it may fail. */
async function look(
  handle: Pick<RunHandle, 'events' | 'state'>,
  view: RunView,
  after: number,
  onShown: (seq: number) => void,
): Promise<void> {
  for (let seen = after; ;) {
    const { events, lastSeq } = await handle.events(seen);
    const news = events.filter(({ seq }) => seq > seen);
    if (view.needsState === 'always' || (view.needsState === 'on-events' && news.length > 0)) {
      view.state(await handle.state());
    }
    const gap = describeGap(seen, news);
    if (gap !== undefined) view.note(gap);
    for (const event of news) {
      view.event(event);
      seen = event.seq;
      onShown(seen);
    }
    if (news.length === 0 || seen >= lastSeq) return;
  }
}

interface End {
  result?: RunResult;
  /** When it came, by `performance.now()`. */
  resultAt?: number;
  failure?: Error;
}

/** Waits for the run's result through whatever happens to the server meanwhile. */
function watchEnd(handle: FollowOptions['handle'], signal: AbortSignal): End {
  const end: End = {};
  void (async () => {
    for (let refusals = 0; !signal.aborted && !end.result && !end.failure;) {
      try {
        end.result = await handle().result();
        end.resultAt = performance.now();
      } catch (error) {
        // A UserError is the run's own end. Any other means that the server couldn't be asked, though the run may have ended
        // by now: then the next try has its result, unless that can't be read at all.
        if (await hasEnded(handle())) refusals += 1;
        if (error instanceof UserError || refusals > mostRefusals) end.failure = toError(error);
        else await sleep(retryPause, undefined, { ref: false });
      }
    }
  })();
  return end;
}

const retryPause = 500;
const mostRefusals = 3;

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function hasEnded(handle: Pick<RunHandle, 'describe'>): Promise<boolean> {
  try {
    const description = await handle.describe();
    return !description?.running;
  } catch {
    return false;
  }
}
