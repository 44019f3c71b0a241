import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findCycles } from '../../src/trackers/cycles.js';
import { indexIssues } from '../../src/trackers/epics.js';
import { describeLinks } from '../../src/trackers/link-warnings.js';
import { compileStates } from '../../src/trackers/states.js';
import type { Issue } from '../../src/trackers/tracker.js';
import { makeIssue } from './make-issue.js';

function describeAll(...issues: Issue[]): string[] {
  const byId = indexIssues(issues);
  return describeLinks(issues, (id) => byId.get(id), compileStates({}));
}

test('issues that block each other are named along the circle', () => {
  const issues = [
    makeIssue('bd-1', { blockers: ['bd-2'] }),
    makeIssue('bd-2', { blockers: ['bd-3', 'bd-1'] }),
    makeIssue('bd-3'),
    makeIssue('bd-4', { blockers: ['bd-1'] }),
  ];
  expect(describeAll(...issues)).toEqual([
    'bd-1 → bd-2 → bd-1 block each other: none of them can become ready; remove one of the links',
  ]);
});

test('a closed issue breaks the circle', () => {
  expect(
    describeAll(makeIssue('a', { blockers: ['b'] }), makeIssue('b', { blockers: ['a'], status: 'closed' })),
  ).toEqual([]);
});

test('an issue that blocks itself, or is its own parent', () => {
  expect(describeAll(makeIssue('a', { blockers: ['a'], parents: ['a'] }))).toEqual([
    "a blocks itself: it can't become ready; remove the link",
    'a is its own parent; remove the link',
  ]);
});

test('parents in a circle', () => {
  expect(describeAll(makeIssue('a', { parents: ['b'] }), makeIssue('b', { parents: ['a'] }))).toEqual([
    "a → b → a are each other's parents; remove one of the links",
  ]);
});

test('links that lead nowhere, of open issues', () => {
  const links = { blockers: ['x'], parents: ['y'] };
  expect(describeAll(makeIssue('a', links), makeIssue('b', { ...links, status: 'closed' }))).toEqual([
    'a waits for x, which is not in the tracker: not waited for',
    'a has the parent y, which is not in the tracker: passed over',
  ]);
});

test('many of a kind, and very long circles, are cut short', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => makeIssue(`m${index}`, { blockers: ['x'] }));
  expect(describeAll(...many)).toHaveLength(11);
  expect(describeAll(...many).at(-1)).toBe('… and 990 more like this');
  const circle = Array.from({ length: 1_000 }, (_, index) =>
    makeIssue(`c${index}`, { blockers: [`c${(index + 1) % 1_000}`] }),
  );
  expect(describeAll(...circle)).toEqual([
    'c0 → c1 → c2 → c3 → c4 → c5 → c6 → … → c999 → c0 block each other: none of them can become ready; remove one of the links',
  ]);
});

test('cycles are found exactly where there are any, and each is one', () => {
  const someId = fc.constantFrom(...'abcdefgh');
  fc.assert(
    fc.property(fc.dictionary(someId, fc.array(someId, { maxLength: 3 })), (graph) => {
      const links = new Map(Object.entries(graph));
      const cycles = findCycles(links);
      for (const cycle of cycles) {
        expect(new Set(cycle).size).toBe(cycle.length);
        cycle.forEach((id, index) => expect(links.get(id)).toContain(cycle[(index + 1) % cycle.length]));
      }
      expect(new Set(cycles.flat()).size).toBe(cycles.flat().length);
      // Without the ids that were told, nothing reaches itself unless it did so through one of them.
      expect(cycles.length > 0).toBe([...links.keys()].some((id) => reaches(links, id, id)));
    }),
    { numRuns: 500 },
  );
});

function reaches(links: Map<string, string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const queue = [from];
  for (const id of queue) {
    for (const next of links.get(id) ?? []) {
      if (next === to) return true;
      if (!links.has(next) || seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return false;
}
