import { indexChildren, indexIssues, isEpic, isEpicBlocked } from './epics.js';
import { compileStates, type StateNames } from './states.js';
import type { Issue } from './tracker.js';

/**
 * Ids of the epics to close now that an issue is closed, in the order in which to close them: an epic is closed with its
 * last open child, and so on upward. Not one that is blocked or deferred, nor a plain task that has children.
 *
 * `issues` may still show `closedId` as open.
 */
export function epicsToClose(issues: readonly Issue[], closedId: string, stateNames: StateNames = {}): string[] {
  if (!issues.some(({ id, parents }) => id === closedId && parents.length > 0)) return [];
  const states = compileStates(stateNames);
  const byId = indexIssues(issues);
  const children = indexChildren(byId);
  const candidates = new Set<string>();
  const close = (id: string): void => {
    const issue = byId.get(id);
    if (!issue) return;
    byId.set(id, { ...issue, status: states.closed });
    for (const parent of issue.parents) candidates.add(parent);
  };
  const isClosed = ({ id }: Issue): boolean => states.isTerminal(byId.get(id)!);
  const isDue = (id: string): boolean => {
    const epic = byId.get(id);
    if (!epic || !isEpic(epic) || isClosed(epic) || isEpicBlocked(epic, states, (blocker) => byId.get(blocker)))
      return false;
    return (children.get(id) ?? []).every(isClosed);
  };

  close(closedId);
  const closed: string[] = [];
  // From the top after each: one that was closed may have blocked an epic that was passed over.
  for (let due = find(candidates, isDue); due !== undefined; due = find(candidates, isDue)) {
    closed.push(due);
    close(due);
  }
  return closed;
}

function find<T>(values: Iterable<T>, matches: (value: T) => boolean): T | undefined {
  for (const value of values) if (matches(value)) return value;
  return undefined;
}
