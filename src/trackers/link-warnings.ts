import { findCycles } from './cycles.js';
import type { FindIssue, States } from './states.js';
import type { Issue } from './tracker.js';

/** What a person should mend in the links between open issues: those that lead nowhere, and those that lead in a circle. */
export function describeLinks(issues: readonly Issue[], find: FindIssue, states: States): string[] {
  const isOpen = (issue: Issue): boolean => !states.isTerminal(issue);
  const isOpenId = (id: string): boolean => {
    const issue = find(id);
    return issue !== undefined && isOpen(issue);
  };
  // This is done for every change of the tracker, and of thousands of issues most have no links.
  const linked = issues.filter((issue) => (issue.blockers.length > 0 || issue.parents.length > 0) && isOpen(issue));
  const linksOf = (kind: 'blockers' | 'parents'): Map<string, string[]> =>
    new Map(linked.map((issue) => [issue.id, issue[kind].filter(isOpenId)]));
  const dangling = (kind: 'blockers' | 'parents', tell: (id: string, missing: string) => string): string[] =>
    linked.flatMap((issue) => issue[kind].filter((id) => !find(id)).map((missing) => tell(issue.id, missing)));
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
