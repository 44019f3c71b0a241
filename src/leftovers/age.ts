const DAY_MS = 86_400_000;

/** When what was last used then has been kept for so many days; undefined for 0, which is for ever. */
export function keptUntil(usedAt: Date, days: number): Date | undefined {
  return days === 0 ? undefined : new Date(usedAt.getTime() + days * DAY_MS);
}

/** `kept until 2026-02-01`, or `kept`. */
export function describeKept(until: Date | undefined): string {
  return until === undefined ? 'kept' : `kept until ${until.toISOString().slice(0, 10)}`;
}
