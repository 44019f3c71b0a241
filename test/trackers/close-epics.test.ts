import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { epicsToClose } from '../../src/trackers/close-epics.js';
import { makeEpic, makeIssue } from './make-issue.js';

const closed = { status: 'closed' };

test('an epic is closed with its last open child, whether the listing shows that one closed yet or not', () => {
  const rest = [
    makeEpic('e'),
    makeIssue('a', { parents: ['e'], ...closed }),
    makeIssue('b', { parents: ['e'], status: 'tombstone' }),
  ];
  for (const status of ['open', 'in_progress', 'closed']) {
    expect(epicsToClose([...rest, makeIssue('last', { parents: ['e'], status })], 'last')).toEqual(['e']);
  }
});

test.each(['open', 'in_progress', 'blocked', 'deferred'])('a child that is %s keeps it open', (status) => {
  const issues = [makeEpic('e'), makeIssue('a', { parents: ['e'] }), makeIssue('b', { parents: ['e'], status })];
  expect(epicsToClose(issues, 'a')).toEqual([]);
});

test('so on upward, in order', () => {
  const issues = [
    makeEpic('top'),
    makeEpic('middle', { parents: ['top'] }),
    makeEpic('low', { parents: ['middle'] }),
    makeIssue('a', { parents: ['low'] }),
  ];
  expect(epicsToClose(issues, 'a')).toEqual(['low', 'middle', 'top']);
});

test('upward ends where something is open', () => {
  const issues = [
    makeEpic('top'),
    makeEpic('low', { parents: ['top'] }),
    makeIssue('a', { parents: ['low'] }),
    makeIssue('b', { parents: ['top'] }),
  ];
  expect(epicsToClose(issues, 'a')).toEqual(['low']);
});

test.each([
  ['blocked', { status: 'blocked' }],
  ['deferred', { status: 'deferred' }],
  ['waiting for an open issue', { blockers: ['x'] }],
])('an epic that is %s is not closed, nor those above', (_what, fields) => {
  const issues = [
    makeEpic('top'),
    makeEpic('e', { parents: ['top'], ...fields }),
    makeIssue('a', { parents: ['e'] }),
    makeIssue('x'),
  ];
  expect(epicsToClose(issues, 'a')).toEqual([]);
});

test('what is closed by this blocks no longer, in whatever order the links are', () => {
  const issues = [
    makeEpic('late', { blockers: ['early', 'a'] }),
    makeEpic('early'),
    makeIssue('a', { parents: ['late', 'early'] }),
  ];
  expect(epicsToClose(issues, 'a')).toEqual(['early', 'late']);
});

test('a plain task with children is not closed, and its epic waits for it', () => {
  const issues = [makeEpic('e'), makeIssue('plain', { parents: ['e'] }), makeIssue('a', { parents: ['plain'] })];
  expect(epicsToClose(issues, 'a')).toEqual([]);
});

test('an epic that is closed already is left alone', () => {
  expect(epicsToClose([makeEpic('e', closed), makeIssue('a', { parents: ['e'] })], 'a')).toEqual([]);
});

test('an issue without an epic, with one that is nowhere, or that is nowhere itself: nothing', () => {
  expect(epicsToClose([makeIssue('a', { parents: ['nowhere'] })], 'a')).toEqual([]);
  expect(epicsToClose([makeEpic('e')], 'nowhere')).toEqual([]);
});

test('states of the configuration count', () => {
  const issues = [
    makeEpic('e'),
    makeIssue('a', { parents: ['e'] }),
    makeIssue('b', { parents: ['e'], status: 'Shipped' }),
  ];
  expect(epicsToClose(issues, 'a')).toEqual([]);
  expect(epicsToClose(issues, 'a', { terminalStates: ['shipped'] })).toEqual(['e']);
});

test('cycles of parents end, and close nothing that has an open child', () => {
  const someId = fc.constantFrom(...'abcdef');
  const some = fc.record({
    id: someId,
    type: fc.constantFrom('epic', 'task'),
    status: fc.constantFrom('open', 'closed'),
    parents: fc.array(someId),
    blockers: fc.array(someId, { maxLength: 1 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(some, { selector: ({ id }) => id }), someId, (fields, id) => {
      const issues = fields.map((issue) => makeIssue(issue.id, issue));
      const closing = epicsToClose(issues, id);
      expect(new Set(closing).size).toBe(closing.length);
      const done = new Set([
        id,
        ...closing,
        ...issues.filter(({ status }) => status === 'closed').map((issue) => issue.id),
      ]);
      for (const epic of closing) {
        expect(issues.find((issue) => issue.id === epic)?.type).toBe('epic');
        expect(issues.filter(({ parents }) => parents.includes(epic)).every((child) => done.has(child.id))).toBe(true);
      }
    }),
  );
});
