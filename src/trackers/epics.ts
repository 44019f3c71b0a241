import type { Issue } from './tracker.js';
import type { FindIssue, States } from './states.js';

export const isEpic = (issue: Issue): boolean => issue.type === 'epic';

/** The first issue of each id, in the tracker's order. */
export function indexIssues(issues: readonly Issue[]): Map<string, Issue> {
  const byId = new Map<string, Issue>();
  for (const issue of issues) {
    if (!byId.has(issue.id)) byId.set(issue.id, issue);
  }
  return byId;
}

/** The direct children of every parent over parent-child links, in the tracker's order. */
export function indexChildren(byId: ReadonlyMap<string, Issue>): Map<string, Issue[]> {
  const children = new Map<string, Issue[]>();
  for (const issue of byId.values()) {
    if (issue.parents.length === 0) continue;
    for (const parent of new Set(issue.parents)) {
      const siblings = children.get(parent);
      if (siblings) siblings.push(issue);
      else children.set(parent, [issue]);
    }
  }
  return children;
}

/** Ids of everything below an issue over parent-child links, at any depth; not its own, even in a cycle. */
export function findDescendants(id: string, byId: ReadonlyMap<string, Issue>): Set<string> {
  const children = indexChildren(byId);
  const found = new Set<string>();
  const queue = [id];
  // A list that grows while it is walked: every issue is put on it once at most.
  for (const parent of queue) {
    for (const child of children.get(parent) ?? []) {
      if (child.id === id || found.has(child.id)) continue;
      found.add(child.id);
      queue.push(child.id);
    }
  }
  return found;
}

/**
 * The parent epic of each issue that has one: its nearest ancestor of type epic over parent-child links, with plain tasks in between
 * passed over. Of several that are equally near, the one by the first of its links.
 *
 * Searched downward from all epics at once, so that it takes one look at every link and a cycle can't hold it up.
 */
export function findParentEpics(byId: ReadonlyMap<string, Issue>): Map<string, Issue> {
  const children = indexChildren(byId);
  const distance = new Map<string, number>();
  const nearest = new Map<string, Issue>();
  const queue = [...byId.values()].filter(isEpic);
  for (const epic of queue) distance.set(epic.id, 0);
  for (const parent of queue) {
    for (const child of children.get(parent.id) ?? []) {
      if (nearest.has(child.id)) continue;
      nearest.set(child.id, nearestVia(child, byId, distance, nearest));
      if (distance.has(child.id)) continue;
      distance.set(child.id, distance.get(parent.id)! + 1);
      queue.push(child);
    }
  }
  return nearest;
}

/** Breadth first: when a child is reached, all parents that are as near as any have been reached already. */
function nearestVia(
  child: Issue,
  byId: ReadonlyMap<string, Issue>,
  distance: ReadonlyMap<string, number>,
  nearest: ReadonlyMap<string, Issue>,
): Issue {
  let best: Issue | undefined;
  for (const id of child.parents) {
    const parent = byId.get(id);
    const away = distance.get(id);
    if (parent === undefined || away === undefined) continue;
    if (best === undefined || away < distance.get(best.id)!) best = parent;
  }
  return isEpic(best!) ? best! : nearest.get(best!.id)!;
}

/** Nothing in it is picked up, and it isn't closed by itself. */
export function isEpicBlocked(epic: Issue, states: States, find: FindIssue): boolean {
  return ['blocked', 'deferred'].includes(epic.status.toLowerCase()) || states.openBlockers(epic, find).length > 0;
}
