import type { ORDERS } from '../config/schema.js';
import { readInstant } from './instants.js';
import type { Issue } from './tracker.js';

export type Order = (typeof ORDERS)[number];

/**
 * Ready issues in the order in which they should be started. Every sort is stable: full ties keep the order in which
 * the issues came, which is the tracker's own.
 *
 * - `epic`: by group, one for each parent epic and one for all orphans; inside a group by priority, then newest update.
 * - `priority`: by priority alone.
 * - `focus`: the first group of `epic`, nothing else.
 * - `input`: as `only` names them; a repeated id takes its last position.
 */
export function sortIssues(
  issues: readonly Issue[],
  order: Order,
  { only, parentEpics }: { only: readonly string[]; parentEpics: ReadonlyMap<string, Issue> },
): Issue[] {
  switch (order) {
    case 'epic':
      return groupByEpic(issues, parentEpics).flat();
    case 'priority':
      return issues.toSorted((a, b) => a.priority - b.priority);
    case 'focus':
      return groupByEpic(issues, parentEpics)[0] ?? [];
    case 'input': {
      const positions = new Map(only.map((id, index) => [id, index]));
      const position = (issue: Issue): number => positions.get(issue.id) ?? only.length;
      return issues.toSorted((a, b) => position(a) - position(b));
    }
  }
}

/** Between groups: the smallest priority in the group, then its newest update, then which appeared first. */
function groupByEpic(issues: readonly Issue[], parentEpics: ReadonlyMap<string, Issue>): Issue[][] {
  const groups = new Map<string | undefined, Ranked[]>();
  for (const issue of issues) {
    const ranked = { issue, priority: issue.priority, updated: readUpdate(issue) };
    const epic = parentEpics.get(issue.id)?.id;
    const group = groups.get(epic);
    if (group) group.push(ranked);
    else groups.set(epic, [ranked]);
  }
  return [...groups.values()]
    .map((members) => ({ members: members.toSorted(compareRanks), ...rankGroup(members) }))
    .toSorted(compareRanks)
    .map(({ members }) => members.map(({ issue }) => issue));
}

interface Rank {
  priority: number;
  /** Nanoseconds since 1970. */
  updated: bigint;
}
type Ranked = Rank & { issue: Issue };

/** The tracker hands out the same object for as long as an issue stays as it is, and a run sorts thousands again and again. */
const updates = new WeakMap<Issue, bigint>();

function readUpdate(issue: Issue): bigint {
  const known = updates.get(issue);
  if (known !== undefined) return known;
  const updated = readInstant(issue.updatedAt) ?? NEVER;
  updates.set(issue, updated);
  return updated;
}

/** Older than anything: an update that is missing comes last. */
const NEVER = -(2n ** 63n);

function rankGroup(members: readonly Rank[]): Rank {
  return members.reduce<Rank>(
    (best, { priority, updated }) => ({
      priority: Math.min(best.priority, priority),
      updated: updated > best.updated ? updated : best.updated,
    }),
    { priority: Infinity, updated: NEVER },
  );
}

function compareRanks(a: Rank, b: Rank): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.updated === b.updated) return 0;
  return a.updated > b.updated ? -1 : 1;
}
