import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Which process, beyond doubt: a pid alone is handed out again, after a while or after a restart of the machine. */
export const processIdentitySchema = z.strictObject({
  pid: z.number().int().min(1),
  /** Linux: clock ticks since boot. macOS: date and time in UTC. Compare it, don't compute with it. */
  startTime: z.string().min(1),
  bootId: z.string().min(1),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** Undefined when there is no such process, or it has ended and only waits to be reaped. */
export function readIdentity(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined;
  const startTime = process.platform === 'linux' ? readLinuxStart(pid) : readPsStart(pid);
  return startTime === undefined ? undefined : { pid, startTime, bootId: readBootId() };
}

/** False as well for a zombie, for another process that got the same pid, and after a restart of the machine. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = readIdentity(identity.pid);
  return now !== undefined && isSameProcess(now, identity);
}

export function isSameProcess(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.startTime === other.startTime && one.bootId === other.bootId;
}

export function ownIdentity(): ProcessIdentity {
  const identity = readIdentity(process.pid);
  if (identity === undefined) throw new Error(`cannot read the start time of this process (${process.pid})`);
  return identity;
}

/** Between two full looks with `ps`, in milliseconds. */
const PS_INTERVAL = 5_000;

/**
 * `isAlive` for asking many times a second. On macOS a full look costs a process, so most answers come from the pid
 * alone there: "dead" is always true, "alive" may be up to 5 s late.
 */
export function createLivenessCheck(identity: ProcessIdentity): () => boolean {
  if (process.platform === 'linux') return () => isAlive(identity);
  let lastLook = -Infinity;
  return () => {
    if (!pidExists(identity.pid)) return false;
    if (performance.now() - lastLook < PS_INTERVAL) return true;
    lastLook = performance.now();
    return isAlive(identity);
  };
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

let bootId: string | undefined;

/** The same for as long as the machine runs, another one after each start of it. */
export function readBootId(): string {
  bootId ??=
    process.platform === 'linux'
      ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      : readKernelBootTime();
  return bootId;
}

/** `{ sec = 1700000000, usec = 5 } Tue Nov 14 …`: only the seconds, because the text after them follows the time zone. */
function readKernelBootTime(): string {
  const output = execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' });
  return /sec = (\d+)/.exec(output)?.[1] ?? output.trim();
}

function readLinuxStart(pid: number): string | undefined {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.startTime;
  } catch {
    return undefined;
  }
}

/**
 * Undefined for a zombie. The program's name stands in parentheses and may hold spaces and parentheses itself, so fields
 * are counted from the last one.
 */
export function parseProcStat(stat: string): { startTime: string; groupId: number } | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, groupId, startTime] = [fields[0], fields[2], fields[19]];
  if (state === 'Z' || state === 'X' || startTime === undefined) return undefined;
  return { startTime, groupId: Number(groupId) };
}

function readPsStart(pid: number): string | undefined {
  try {
    const output = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    });
    const [state = 'Z', ...start] = output.trim().split(/\s+/);
    return state.startsWith('Z') || start.length === 0 ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
