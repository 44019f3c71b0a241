/** When nothing says when a limit ends, in milliseconds. */
const UNKNOWN = 5 * 60_000;
/** A limit that is over already when it is told would be met again at once, and no attempt is used up by it. */
const SHORTEST = 5_000;
/** No usage limit lasts longer; a wrong time must not hold up a project for years. */
const LONGEST = 7 * 24 * 3_600_000;
const MINUTE = 60_000;
const UNITS: Record<string, number> = { d: 24 * 60 * MINUTE, h: 60 * MINUTE, m: MINUTE, s: 1_000 };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * When a usage limit ends, as a program's words tell it: `resets 7pm (Europe/London)`, `|1764000000`, `try again at Nov 27th,
 * 2026 3:05 PM`, `try again in 2 hours 5 minutes`. In 5 seconds at the earliest, in 7 days at the latest; in 5 minutes where
 * nothing is said that can be read.
 */
export function findLimitEnd(
  words: string,
  now: Date,
  ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone,
): Date {
  const found = readEpoch(words) ?? readDuration(words, now) ?? readClock(words, now, ownZone);
  return clampLimitEnd(found ?? new Date(now.getTime() + UNKNOWN), now);
}

export function clampLimitEnd(end: Date, now: Date): Date {
  const wait = end.getTime() - now.getTime();
  return new Date(now.getTime() + (Number.isNaN(wait) ? UNKNOWN : Math.min(Math.max(wait, SHORTEST), LONGEST)));
}

function readEpoch(words: string): Date | undefined {
  const [, digits] = /\|(\d{10}(?:\d{3})?)\b/.exec(words) ?? [];
  if (digits === undefined) return undefined;
  return new Date(Number(digits) * (digits.length === 10 ? 1_000 : 1));
}

/** `in 1.2s`, `in 3 days 12 minutes`, `in 3h 5m`. */
function readDuration(words: string, now: Date): Date | undefined {
  const [, text] =
    /\bin ((?:(?:less than )?(?:a|an|\d+(?:\.\d+)?) ?(?:days?|hours?|minutes?|mins?|seconds?|secs?|[dhms])\b[ ,]*(?:and )?)+)/i.exec(
      words,
    ) ?? [];
  if (text === undefined) return undefined;
  const parts = text.matchAll(/(an?|\d+(?:\.\d+)?) ?([dhms])/gi);
  const length = [...parts].reduce(
    (sum, [, count = '1', unit = 's']) => sum + (Number(count) || 1) * (UNITS[unit.toLowerCase()] ?? 0),
    0,
  );
  return new Date(now.getTime() + length);
}

/**
 * A time of day, with a date before it or without, in the zone that stands in parentheses, else in the program's own. Told to
 * the minute, so it is over when the minute is.
 */
function readClock(words: string, now: Date, ownZone: string): Date | undefined {
  const match =
    /(?:resets?|try again|until|available)(?: again)?(?: at| on)?:? (?:([A-Z][a-z]{2})[a-z]* (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?,?(?: at)? )?(\d{1,2})(?::(\d{2}))? ?([ap]m)?(?: ?\(([A-Za-z_+\-/0-9]+)\))?/i.exec(
      words,
    );
  if (!match) return undefined;
  const [, month, day, year, hours = '', minutes = '0', half, zone] = match;
  if (half === undefined ? match[5] === undefined : Number(hours) > 12) return undefined;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  if (hour > 23 || Number(minutes) > 59) return undefined;
  const timeZone = zone !== undefined && isZone(zone) ? zone : ownZone;
  const today = wallClock(now, timeZone);
  const monthIndex = month === undefined ? -1 : MONTHS.indexOf(month.toLowerCase());
  const date =
    monthIndex === -1
      ? { year: today.year, month: today.month, day: today.day }
      : { year: Number(year ?? today.year), month: monthIndex, day: Number(day) };
  const end = (days: number) =>
    new Date(instantOf({ ...date, day: date.day + days, hour, minute: Number(minutes) }, timeZone) + MINUTE);
  const first = end(0);
  // Told a moment ago: a time of day that is long over is tomorrow's.
  return monthIndex === -1 && first.getTime() < now.getTime() - 2 * MINUTE ? end(1) : first;
}

function isZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}

interface WallClock {
  year: number;
  /** From 0. */
  month: number;
  day: number;
  hour: number;
  minute: number;
}

function wallClock(instant: Date, timeZone: string): WallClock {
  const parts = Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(instant);
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  return { year: read('year'), month: read('month') - 1, day: read('day'), hour: read('hour'), minute: read('minute') };
}

/** The zone's offset depends on the instant that is looked for: the second look has it right, but for the hour that a change of clocks leaves out. */
function instantOf({ year, month, day, hour, minute }: WallClock, timeZone: string): number {
  const asUtc = Date.UTC(year, month, day, hour, minute);
  const offsetAt = (instant: number): number => {
    const wall = wallClock(new Date(instant), timeZone);
    return Date.UTC(wall.year, wall.month, wall.day, wall.hour, wall.minute) - instant;
  };
  return asUtc - offsetAt(asUtc - offsetAt(asUtc));
}
