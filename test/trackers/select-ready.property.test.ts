import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ORDERS } from '../../src/config/schema.js';
import { findParentEpics, indexIssues } from '../../src/trackers/epics.js';
import { selectReady, type SelectOptions } from '../../src/trackers/select-ready.js';
import type { Issue } from '../../src/trackers/tracker.js';
import { january, makeIssue } from './make-issue.js';

/** Few ids, so that links meet: cycles, several parents, links that lead nowhere, ids listed twice. */
const someId = fc.constantFrom(...'abcdefghijkl');
const someIssue = fc
  .record({
    id: someId,
    status: fc.constantFrom('open', 'open', 'open', 'in_progress', 'closed', 'blocked', 'deferred', 'tombstone'),
    type: fc.constantFrom('task', 'task', 'bug', 'epic'),
    priority: fc.integer({ min: 0, max: 3 }),
    updatedAt: fc.option(fc.integer({ min: 1, max: 3 }).map(january), { nil: undefined }),
    parents: fc.array(someId, { maxLength: 2 }),
    blockers: fc.array(someId, { maxLength: 2 }),
    labels: fc.subarray(['needs-followup', 'x']),
    assignee: fc.option(fc.constant('ann'), { nil: undefined }),
  })
  .map((fields): Issue => makeIssue(fields.id, fields));
const someIssues = fc.array(someIssue, { maxLength: 14 });
const someOptions: fc.Arbitrary<SelectOptions> = fc.record({
  epic: fc.option(someId, { nil: undefined, freq: 4 }),
  only: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(someId) }),
  order: fc.constantFrom(...ORDERS),
  wipFirst: fc.boolean(),
  orphansOnly: fc.boolean(),
  requiredLabels: fc.constantFrom([], [], ['x']),
  retryFailed: fc.boolean(),
  exclude: fc.array(someId, { maxLength: 3 }).map((ids) => new Set(ids)),
  alreadyHandled: fc.array(someId, { maxLength: 3 }).map((ids) => new Set(ids)),
});

const offer = (issues: Issue[], options: SelectOptions): Issue[] =>
  selectReady({ issues, warnings: [] }, options).ready;

test('nothing excluded, nothing twice, nothing that is not ready', () => {
  fc.assert(
    fc.property(someIssues, someOptions, (issues, options) => {
      const ready = offer(issues, options);
      const byId = indexIssues(issues);
      expect(new Set(ready.map(({ id }) => id)).size).toBe(ready.length);
      for (const issue of ready) {
        expect(options.exclude.has(issue.id)).toBe(false);
        expect(issue.type).not.toBe('epic');
        expect(issue.status === 'open' || (options.wipFirst && issue.status === 'in_progress' && !issue.assignee)).toBe(
          true,
        );
        expect(options.only.length === 0 || options.only.includes(issue.id)).toBe(true);
        const blockers = issue.blockers.flatMap((id) => byId.get(id) ?? []);
        expect(blockers.every(({ status }) => status === 'closed' || status === 'tombstone')).toBe(true);
      }
    }),
  );
});

test('an order only orders: every order offers the same issues, and focus one group of them', () => {
  fc.assert(
    fc.property(someIssues, someOptions, (issues, options) => {
      const ids = (order: SelectOptions['order']): string[] => offer(issues, { ...options, order }).map(({ id }) => id);
      const all = ids('epic').toSorted();
      expect(ids('priority').toSorted()).toEqual(all);
      expect(ids('input').toSorted()).toEqual(all);
      const epics = findParentEpics(indexIssues(issues));
      const focused = ids('focus');
      const epic = epics.get(focused[0] ?? '')?.id;
      expect(focused.toSorted()).toEqual(all.filter((id) => focused.length > 0 && epics.get(id)?.id === epic));
    }),
  );
});

test('sorts are stable: sorting what is sorted changes nothing, and full ties keep their order', () => {
  fc.assert(
    fc.property(someIssues, someOptions, (issues, options) => {
      const ready = offer(issues, options);
      const rest = issues.filter((issue) => !ready.includes(issue));
      expect(offer([...ready, ...rest], options)).toEqual(ready);
      const alike = issues.map((issue) => ({ ...issue, priority: 1, updatedAt: undefined, parents: [] }));
      const order = offer(alike, { ...options, order: 'priority', wipFirst: false }).map(({ id }) => id);
      const listed = [...indexIssues(alike).keys()];
      expect(order).toEqual(listed.filter((id) => order.includes(id)));
    }),
  );
});

test('the parent epic is the one that a walk upward, level by level, finds first', () => {
  fc.assert(
    fc.property(someIssues, (issues) => {
      const byId = indexIssues(issues);
      const epics = findParentEpics(byId);
      for (const issue of byId.values()) expect(epics.get(issue.id)?.id).toBe(walkUp(issue, byId));
    }),
    { numRuns: 500 },
  );
});

/** The rule as it reads, without regard to time. */
function walkUp(issue: Issue, byId: Map<string, Issue>): string | undefined {
  const seen = new Set<string>();
  for (let level = issue.parents; level.length > 0;) {
    const known = level.filter((id) => byId.has(id) && !seen.has(id));
    const epic = known.find((id) => byId.get(id)!.type === 'epic');
    if (epic !== undefined) return epic;
    for (const id of known) seen.add(id);
    level = known.flatMap((id) => byId.get(id)!.parents);
  }
  return undefined;
}

test('closing what is offered until nothing is leaves only what can never become ready', () => {
  fc.assert(
    fc.property(someIssues, fc.constantFrom('epic', 'priority', 'focus'), (listed, order) => {
      let issues = [...indexIssues(listed).values()];
      const options: SelectOptions = {
        only: [],
        order,
        wipFirst: true,
        orphansOnly: false,
        requiredLabels: [],
        retryFailed: true,
        exclude: new Set(),
        alreadyHandled: new Set(),
      };
      let next = offer(issues, options)[0];
      for (let steps = 0; next; [next] = offer(issues, options)) {
        expect((steps += 1)).toBeLessThanOrEqual(listed.length);
        const closed = { ...next, status: 'closed' };
        issues = issues.map((issue) => (issue.id === closed.id ? closed : issue));
      }
      const byId = indexIssues(issues);
      const isOpen = (id: string): boolean => !['closed', 'tombstone', undefined].includes(byId.get(id)?.status);
      const isHeld = (issue: Issue): boolean => issue.blockers.some(isOpen);
      const left = issues.filter(
        ({ id, type, status, assignee }) =>
          type !== 'epic' && isOpen(id) && (status === 'open' || (status === 'in_progress' && !assignee)),
      );
      for (const issue of left) {
        const epic = byId.get(walkUp(issue, byId) ?? '');
        const epicIsBlocked = epic !== undefined && (['blocked', 'deferred'].includes(epic.status) || isHeld(epic));
        expect(isHeld(issue) || epicIsBlocked).toBe(true);
      }
    }),
  );
});
