import { constants } from 'node:os';

/** `exit 1`, or `exit 137 (SIGKILL)`. */
export function describeStatus(exitCode: number | null): string {
  if (exitCode === null) return 'no exit status';
  const [signal] = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128) ?? [];
  return signal === undefined ? `exit ${exitCode}` : `exit ${exitCode} (${signal})`;
}
