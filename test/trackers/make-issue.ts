import type { Issue } from '../../src/trackers/tracker.js';

export function makeIssue(id: string, fields: Partial<Issue> = {}): Issue {
  return {
    id,
    title: `Title of ${id}`,
    status: 'open',
    type: 'task',
    priority: 2,
    labels: [],
    parents: [],
    blockers: [],
    ...fields,
  };
}

export const makeEpic = (id: string, fields: Partial<Issue> = {}): Issue => makeIssue(id, { type: 'epic', ...fields });

/** A day in January 2026. */
export const january = (day: number): string => `2026-01-${String(day).padStart(2, '0')}T12:00:00Z`;
