import type { AgentMarker } from '../contract/outcomes.js';
import { hideAndCut } from '../secrets/hide-and-cut.js';

/** Each kind, and the reason of an agent that gives none. */
const MARKERS: [AgentMarker['kind'], string][] = [
  ['NO_CHANGE', 'no change is needed'],
  ['ALREADY_DONE', 'it is done already'],
  ['OBSOLETE', 'it is obsolete'],
  ['BLOCKED', 'it is blocked'],
];
const MAX_REASON = 500;

/** What an agent said about there being nothing to do: the last line of its message that begins as a marker does. */
export function findMarker(message: string): AgentMarker | undefined {
  for (const line of message.split('\n').toReversed()) {
    const [, word, text = ''] = /^\s*GARLAND: ([A-Z_]+)(?:\s+(.*))?$/.exec(line) ?? [];
    const marker = MARKERS.find(([kind]) => kind === word);
    if (marker) return { kind: marker[0], reason: hideAndCut(text.trim(), MAX_REASON) || marker[1] };
  }
  return undefined;
}
