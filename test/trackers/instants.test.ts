import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant, readInstant } from '../../src/trackers/instants.js';

test.each([
  ['2026-01-01T12:00:00Z', '2026-01-01T14:00:00+02:00'],
  ['2026-01-01T12:00:00Z', '2026-01-01t12:00:00.000z'],
  ['2026-01-01T12:00:00Z', '2026-01-01 07:00:00-0500'],
  ['2026-01-01T12:00:00Z', '2026-01-01T12:00:00'],
  ['2026-01-01T00:00:00Z', '2026-01-01'],
  ['2026-01-01T12:00:00.12Z', '2026-01-01T12:00:00.120000000Z'],
])('%s and %s are the same instant', (a, b) => {
  expect(readInstant(a)).toBeTypeOf('bigint');
  expect(readInstant(a)).toBe(readInstant(b));
});

test.each([
  ['2026-01-01T12:00:00Z', '2026-01-01T12:00:00.000000001Z'],
  ['2026-01-01T12:00:00.9Z', '2026-01-01T12:00:01Z'],
  ['2026-01-01T13:00:00+02:00', '2026-01-01T12:00:00Z'],
  ['1969-12-31T23:59:59.5Z', '1970-01-01T00:00:00Z'],
])('%s is before %s', (a, b) => {
  expect(readInstant(a)! < readInstant(b)!).toBe(true);
});

test.each([undefined, '', 'yesterday', '2026-13-01T00:00:00Z', '2026-01-01T25:00:00Z', '1767268800'])(
  '%o is no instant',
  (text) => {
    expect(readInstant(text)).toBeUndefined();
  },
);

test.each([
  ['2026-01-01T12:00:00.000Z', '2026-01-01T12:00:00Z'],
  ['2026-01-01T12:00:00.120Z', '2026-01-01T12:00:00.12Z'],
  ['2026-01-01T12:00:00.003Z', '2026-01-01T12:00:00.003Z'],
  ['2026-01-01T00:00:00.100Z', '2026-01-01T00:00:00.1Z'],
])('%s is written as %s', (instant, text) => {
  expect(formatInstant(new Date(instant))).toBe(text);
});

test('what is written is read as the same instant', () => {
  const years = { min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true };
  fc.assert(
    fc.property(fc.date(years), (instant) => {
      expect(readInstant(formatInstant(instant))).toBe(BigInt(instant.getTime()) * 1_000_000n);
    }),
  );
});
