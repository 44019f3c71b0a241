import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLimitEnd } from '../../src/agents/limit-end.js';

const now = new Date('2026-06-10T12:30:00Z');
const find = (words: string, at = now, zone = 'UTC') =>
  findLimitEnd(words, at, zone).toISOString().replace('.000Z', 'Z');

describe('findLimitEnd', () => {
  it.each([
    ["You've hit your session limit · resets 7pm (Europe/London)", '2026-06-10T18:01:00Z'],
    ["You've hit your limit · resets 11:24am (Europe/London)", '2026-06-11T10:25:00Z'],
    ["You've hit your weekly limit · resets Jun 12, 9am (America/New_York)", '2026-06-12T13:01:00Z'],
    ['Claude usage limit reached. Your limit will reset at 3pm (Asia/Kolkata).', '2026-06-11T09:31:00Z'],
    [`Claude AI usage limit reached|${Date.parse('2026-06-10T15:00:00Z') / 1_000}`, '2026-06-10T15:00:00Z'],
    [`Claude AI usage limit reached|${Date.parse('2026-06-10T15:00:00Z')}`, '2026-06-10T15:00:00Z'],
    ['You’ve hit your usage limit. Try again at 3:05 PM.', '2026-06-10T15:06:00Z'],
    ['purchase more credits or try again at Jun 11th, 2026 9:46 AM.', '2026-06-11T09:47:00Z'],
    ["You've hit your usage limit. Try again in 2 days 3 hours 5 minutes.", '2026-06-12T15:35:00Z'],
    ['Rate limit reached. Please try again in 20s.', '2026-06-10T12:30:20Z'],
    ['Please try again in 1.5s.', '2026-06-10T12:30:05Z'],
    ['Try again in less than a minute.', '2026-06-10T12:31:00Z'],
    ['resets in 3h 5m', '2026-06-10T15:35:00Z'],
    ['resets 12am', '2026-06-11T00:01:00Z'],
    ['resets 12:30pm', '2026-06-10T12:31:00Z'],
    ['resets 19:00', '2026-06-10T19:01:00Z'],
  ])('reads %s', (words, end) => {
    expect(find(words)).toBe(end);
  });

  it.each([
    'Usage limit reached.',
    'resets soon',
    'resets 5',
    'resets 25:00',
    'limit reached|12',
    "You've hit your limit · resets 99pm",
  ])('tries again in 5 minutes when nothing can be read: %s', (words) => {
    expect(find(words)).toBe('2026-06-10T12:35:00Z');
  });

  it('takes the own zone where none is named, or none that there is', () => {
    expect(find('resets 7pm', now, 'America/New_York')).toBe('2026-06-10T23:01:00Z');
    expect(find('resets 7pm (Mars/Base)', now, 'America/New_York')).toBe('2026-06-10T23:01:00Z');
  });

  it('minds the change of clocks', () => {
    const evening = new Date('2026-10-24T21:00:00Z');
    expect(find('resets 7am (Europe/London)', evening)).toBe('2026-10-25T07:01:00Z');
    expect(find('resets 7am (Europe/London)', new Date('2026-03-28T21:00:00Z'))).toBe('2026-03-29T06:01:00Z');
  });

  it('is not over already, nor more than 7 days ahead', () => {
    expect(find('resets Jan 1, 2026, 9am (UTC)')).toBe('2026-06-10T12:30:05Z');
    expect(find('try again in 99999999999999999999 days')).toBe('2026-06-10T12:35:00Z');
    expect(find('try again at Dec 24th, 2026 9:00 AM')).toBe('2026-06-17T12:30:00Z');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.date({ min: now, max: new Date('2100-01-01'), noInvalidDate: true }),
        (words, at) => {
          const end = findLimitEnd(`limit reached, resets ${words}`, at, 'UTC').getTime();
          expect(end).toBeGreaterThan(at.getTime());
          expect(end).toBeLessThanOrEqual(at.getTime() + 7 * 24 * 3_600_000);
        },
      ),
    );
  });
});
