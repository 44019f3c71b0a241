import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds. Generous, because a loaded machine is slow; a condition that holds is seen at once. @default 60_000 */
  within?: number;
  /** Milliseconds between two looks. @default 20 */
  every?: number;
}

/** Looks until the condition gives something else than undefined or false, and returns that. */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { within = 60_000, every = 20 }: WaitOptions = {},
): Promise<T> {
  const until = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > until) throw new Error(`after ${within / 1000} s still not: ${what}`);
    await sleep(every);
  }
}
