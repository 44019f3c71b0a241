import type { RunEvent } from '../contract/events.js';

/** A line when events are missing before those that come next: undefined, nearly always. */
export function describeGap(after: number, [next]: readonly RunEvent[]): string | undefined {
  if (next === undefined || next.seq <= after + 1) return undefined;
  return `garland: the events ${after + 1} to ${next.seq - 1} are past the server's retention`;
}
