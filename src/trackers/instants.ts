const STAMP = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/**
 * RFC 3339 as nanoseconds since 1970; undefined when it can't be read. Lenient about what trackers and people write: a
 * space for the T, a date alone, no zone (UTC, so that the order is the same on every machine).
 */
export function readInstant(text: string | undefined): bigint | undefined {
  const match = STAMP.exec(text?.trim() ?? '');
  if (!match) return undefined;
  const [, date, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match;
  const offset = /^z$/i.test(zone) ? 'Z' : zone.replace(/^(...):?(..)$/, '$1:$2');
  const milliseconds = Date.parse(`${date}T${minutes}:${seconds}${offset}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * NANOSECONDS_PER_MILLISECOND + BigInt(fraction.padEnd(9, '0'));
}

/** RFC 3339 in UTC, its fraction trimmed, as beads writes it. */
export function formatInstant(instant: Date): string {
  return instant.toISOString().replace(/\.?0*Z$/, 'Z');
}
