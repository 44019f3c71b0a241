export interface ReadPriority {
  priority: number;
  /** There was something that can't be read as a priority; it counts as 0. */
  unreadable: boolean;
}

/**
 * Lower is more urgent. `1`, `"1"`, `"P1"` and `"p1"` are 1. Absent, null or unreadable is 0, hence most urgent: nothing is
 * put off because somebody mistyped.
 */
export function readPriority(value: unknown): ReadPriority {
  if (value === undefined || value === null) return { priority: 0, unreadable: false };
  const priority = typeof value === 'string' ? parseText(value) : value;
  if (typeof priority === 'number' && Number.isFinite(priority)) return { priority, unreadable: false };
  return { priority: 0, unreadable: true };
}

function parseText(text: string): number | undefined {
  const digits = /^(?:p?(\d+)|(-\d+))$/i.exec(text.trim());
  return digits ? Number(digits[1] ?? digits[2]) : undefined;
}
