import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './failures.js';

export interface KeepingOptions {
  /** From the end of one to the beginning of the next, in milliseconds. 0: never. */
  intervalMs: number;
  /** Nothing is kept from then on. */
  signal: AbortSignal;
  /** What a failure means, for a person. @default 'its work in progress could not be kept' */
  failure?: string;
}

/**
 * Calls `keep` again and again until it is stopped. Nobody waits for it: one that is under way when it is stopped is told by its
 * signal. A failure changes nothing but the notes: the first one is there for a person, and so is the first thing that `keep` says.
 */
export function startKeeping(
  keep: (signal: AbortSignal) => Promise<string[]>,
  { intervalMs, signal, failure = 'its work in progress could not be kept' }: KeepingOptions,
): { notes: string[]; stop: () => void } {
  const notes: string[] = [];
  const stopped = new AbortController();
  const until = AbortSignal.any([signal, stopped.signal]);
  const told = { said: false, failed: false };

  const keepOnce = async (): Promise<void> => {
    try {
      const said = await keep(until);
      if (said.length > 0 && !told.said) notes.push(...said);
      told.said ||= said.length > 0;
    } catch (error) {
      if (until.aborted || told.failed) return;
      told.failed = true;
      notes.push(`${failure}: ${messageOf(error)}`);
    }
  };
  const loop = async (): Promise<void> => {
    while (!until.aborted) {
      await sleep(intervalMs, undefined, { signal: until, ref: false }).catch(() => undefined);
      if (!until.aborted) await keepOnce();
    }
  };
  if (intervalMs > 0) void loop();
  return { notes, stop: () => stopped.abort() };
}
