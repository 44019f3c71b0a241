import { findCycles } from './cycles.js';
import type { FindIssue, States } from './states.js';
import type { Issue } from './tracker.js';

/** What a person should mend in the links between open issues: those that lead nowhere, and those that lead in a circle. */
export function describeLinks(issues: readonly Issue[], find: FindIssue, states: States): string[] {
  const open = issues.filter((issue) => !states.isTerminal(issue));
  const openIds = new Set(open.map(({ id }) => id));
  const linksOf = (kind: 'blockers' | 'parents'): Map<string, string[]> =>
    new Map(
      open
        .filter((issue) => issue[kind].length > 0)
        .map((issue) => [issue.id, issue[kind].filter((id) => openIds.has(id))]),
    );
  const dangling = (kind: 'blockers' | 'parents', tell: (id: string, missing: string) => string): string[] =>
    open.flatMap((issue) => issue[kind].filter((id) => !find(id)).map((missing) => tell(issue.id, missing)));
  return [
    ...limitLines(findCycles(linksOf('blockers')).map(describeBlockingCycle)),
    ...limitLines(findCycles(linksOf('parents')).map(describeParentCycle)),
    ...limitLines(
      dangling('blockers', (id, missing) => `${id} waits for ${missing}, which is not in the tracker: not waited for`),
    ),
    ...limitLines(
      dangling('parents', (id, missing) => `${id} has the parent ${missing}, which is not in the tracker: passed over`),
    ),
  ];
}

/** Warnings travel with every poll: a tracker full of the same mistake must not fill the run's history. */
export function limitLines(lines: string[], limit = 10): string[] {
  return lines.length <= limit ? lines : [...lines.slice(0, limit), `… and ${lines.length - limit} more like this`];
}

function describeBlockingCycle(ids: string[]): string {
  if (ids.length === 1) return `${ids[0]} blocks itself: it can't become ready; remove the link`;
  return `${drawCycle(ids)} block each other: none of them can become ready; remove one of the links`;
}

function describeParentCycle(ids: string[]): string {
  if (ids.length === 1) return `${ids[0]} is its own parent; remove the link`;
  return `${drawCycle(ids)} are each other's parents; remove one of the links`;
}

const LONGEST_DRAWN = 8;

/** `a → b → a`; the middle of a long one is left out. */
function drawCycle(ids: string[]): string {
  const shown = ids.length > LONGEST_DRAWN ? [...ids.slice(0, LONGEST_DRAWN - 1), '…', ids.at(-1)!] : ids;
  return [...shown, ids[0]!].join(' → ');
}
