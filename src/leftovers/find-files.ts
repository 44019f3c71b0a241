import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeLeftovers } from '../files/dead-lock.js';
import { withFileLock } from '../files/file-lock.js';
import { readHolder } from '../files/lock-holder.js';
import { readIdentity } from '../processes/identity.js';
import type { Findings, Leftover } from './leftover.js';

/** Locks and temporary files of processes that are dead. They are in nobody's way; whoever comes next takes them away, too. */
export async function findFiles({ dir, now }: Findings): Promise<Leftover[]> {
  const own = join(dir, '.garland');
  const found: Leftover[] = [];
  for (const folder of [own, join(own, 'locks'), join(own, 'workspace-records')]) {
    for (const name of await readdir(folder).catch(() => [])) {
      const clean = await chooseCleaning(join(folder, name), now());
      if (clean) found.push(describe(join(folder, name), clean));
    }
  }
  return found;
}

function describe(path: string, clean: () => Promise<void>): Leftover {
  const why = 'the process that made it is dead';
  const cleanAndTell = async (): Promise<string[]> => {
    await clean();
    return [`removed ${path}: ${why}`];
  };
  return { kind: 'file', what: path, why, plan: 'clean', how: 'is removed', clean: cleanAndTell };
}

/** Undefined for everything else, and for what may be somebody's who is alive. */
async function chooseCleaning(path: string, now: Date): Promise<(() => Promise<void>) | undefined> {
  if (path.endsWith('.lock')) {
    // Taking it the usual way is safe, whoever else wants it.
    return (await isDead(path)) ? () => withFileLock(path, () => undefined, { timeoutMs: 1_000 }) : undefined;
  }
  const stolen = /^(.*\.lock)\.[^/]*\.steal$/.exec(path)?.[1];
  if (stolen !== undefined) {
    const remove = (): Promise<void> => withFileLock(stolen, () => removeLeftovers(stolen), { timeoutMs: 1_000 });
    return (await isDead(path)) ? remove : undefined;
  }
  if (!path.endsWith('.tmp')) return undefined;
  return (await isAbandoned(path, now)) ? () => rm(path, { force: true }) : undefined;
}

async function isDead(path: string): Promise<boolean> {
  return (await readHolder(path).catch(() => undefined))?.dead ?? false;
}

/** Nothing is written for longer, in milliseconds. */
const LONGEST_WRITE = 3_600_000;

/** Some say in their name or in themselves whose they are; the others are told by their age. */
async function isAbandoned(path: string, now: Date): Promise<boolean> {
  const pid = /\.(\d+)(\.[0-9a-f-]{36})?\.tmp$/.exec(path)?.[1];
  if (pid !== undefined) return readIdentity(Number(pid)) === undefined;
  if (/\.lock\.[^/]*\.tmp$/.test(path)) return isDead(path);
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
  return now.getTime() - mtimeMs > LONGEST_WRITE;
}
