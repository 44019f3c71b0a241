import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from './create-once.js';
import { createLivenessCheck, isAlive, isSameProcess, type ProcessIdentity } from './identity.js';
import { readProcessTable, type TableEntry } from './process-table.js';

/** How long processes may take to go after SIGKILL, in milliseconds: one that waits for a dead disk never does. */
const KILL_PATIENCE = 10_000;
const POLL = 20;
/** Milliseconds until a young family is sent SIGTERM once more. */
const ASK_AGAIN = 300;

/** A process group and what came out of it: the wrapper leads it, `folder` is what its descendants carry as GARLAND_JOB. */
export interface ProcessFamily {
  folder: string;
  leader: ProcessIdentity;
}

/**
 * SIGTERM, at most `graceMs`, SIGKILL; returns once nothing of the family is left. `scope: 'group'` leaves alone what
 * has left the process group. Only what is certainly the family's is signalled. `isYoung`: between fork and exec the
 * wrapper's child swallows a signal, so a job that has just been started is asked twice; any other isn't, because to many
 * programs a second signal means to drop everything.
 *
 * @throws Error when a process outlives SIGKILL.
 */
export async function endProcesses(
  family: ProcessFamily,
  options: { graceMs: number; scope: 'group' | 'all'; isYoung?: boolean },
): Promise<void> {
  const findMembers = createMemberSearch(family, options.scope);
  const termUntil = performance.now() + options.graceMs;
  const killUntil = termUntil + KILL_PATIENCE;
  let askAgainAt = options.isYoung ? performance.now() + ASK_AGAIN : Infinity;
  let asked: ProcessIdentity[] = [];
  // A process can fork between a look and a signal, so: until a look finds nothing.
  for (;;) {
    const members = await findMembers();
    const now = performance.now();
    if (members.length === 0) return;
    if (now >= killUntil) throw new Error(`process ${members[0]?.identity.pid} goes on after SIGKILL`);
    if (now >= askAgainAt) {
      askAgainAt = Infinity;
      asked = [];
    }
    if (now < termUntil) {
      const fresh = members.filter(({ identity }) => !asked.some((other) => isSameProcess(other, identity)));
      asked.push(...fresh.map(({ identity }) => identity));
      signalMembers(family, fresh, 'SIGTERM');
      await waitUntilDead(members, Math.min(termUntil, askAgainAt));
    } else {
      signalMembers(family, members, 'SIGKILL');
      await waitUntilDead(members, now + 200);
    }
  }
}

/** One system call, for the usual case that nothing is left. False also when what is left belongs to somebody else. */
export function isGroupGone(leader: ProcessIdentity): boolean {
  try {
    process.kill(-leader.pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

/**
 * A group's number stays taken while anything is in it. So the group is ours while its leader lives, and for as long
 * afterwards as a process is in it that was in it when it was ours, or that carries the job's name.
 */
function createMemberSearch({ folder, leader }: ProcessFamily, scope: 'group' | 'all') {
  let known: ProcessIdentity[] = [];
  return async (): Promise<TableEntry[]> => {
    const table = await readProcessTable();
    const group = table.filter((entry) => entry.groupId === leader.pid);
    const isOurs =
      isAlive(leader) ||
      group.some(({ identity, job }) => job === folder || known.some((one) => isSameProcess(one, identity)));
    if (isOurs) known = group.map(({ identity }) => identity);
    const escaped =
      scope === 'all' ? table.filter((entry) => entry.job === folder && entry.groupId !== leader.pid) : [];
    return [...(isOurs ? group : []), ...escaped];
  };
}

/** With the leader alive the whole group in one call, so that none slips away by forking. */
function signalMembers({ leader }: ProcessFamily, members: TableEntry[], signal: NodeJS.Signals): void {
  const hasLeader = members.some(({ identity }) => isSameProcess(identity, leader)) && isAlive(leader);
  if (hasLeader) send(-leader.pid, signal);
  for (const { identity, groupId } of members) {
    if (hasLeader && groupId === leader.pid) continue;
    if (isAlive(identity)) send(identity.pid, signal);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone meanwhile, or become another user's: then it is not ours to end.
    if (!hasCode(error, 'ESRCH', 'EPERM')) throw error;
  }
}

async function waitUntilDead(members: TableEntry[], until: number): Promise<void> {
  const checks = members.map(({ identity }) => createLivenessCheck(identity));
  while (checks.some((isStillAlive) => isStillAlive())) {
    const left = until - performance.now();
    if (left <= 0) return;
    await delay(Math.min(POLL, left));
  }
}
