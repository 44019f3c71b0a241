import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPriority } from '../../src/trackers/priority.js';

test.each([1, '1', 'P1', 'p1', ' P1 ', '01'])('%o is 1', (value) => {
  expect(readPriority(value)).toEqual({ priority: 1, unreadable: false });
});

test.each([0, '0', 'P0', undefined, null, -0])('%o is 0', (value) => {
  expect(readPriority(value).priority === 0).toBe(true);
  expect(readPriority(value).unreadable).toBe(false);
});

test.each([
  [12, 12],
  ['P12', 12],
  [-1, -1],
  ['-1', -1],
])('%o is %d', (value, priority) => {
  expect(readPriority(value)).toEqual({ priority, unreadable: false });
});

test.each(['', 'high', 'P', 'PP1', 'P-1', '1.5', '1 2', true, [], {}, [1], Infinity, NaN, '9'.repeat(400)])(
  '%o is unreadable, and 0',
  (value) => {
    expect(readPriority(value)).toEqual({ priority: 0, unreadable: true });
  },
);

test('anything is read as a number that can be compared', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(Number.isFinite(readPriority(value).priority)).toBe(true);
    }),
  );
});
