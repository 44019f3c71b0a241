import { unlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readHolder, tryLink, type Holder } from './lock-holder.js';

/**
 * Takes away a lock whose holder is dead. True when the lock may be free now, false when somebody else who is alive is
 * taking it away.
 *
 * The danger is a slow one, who removes the next holder's lock because it was sure that the dead one's is there. So
 * the right to remove a dead lock is itself a file that only one can make, named after the dead lock's token and made
 * before the lock is looked at again. If who has the right dies too, the right to act in its place is named after its
 * token, and so on. No right is ever given back while the dead lock is there, other than by whoever has it and is done: so
 * as long as it is there, one living process at most may remove it.
 */
export async function removeDeadLock(path: string, dead: Holder, own: string): Promise<boolean> {
  const right = await takeRight(path, dead, own);
  if (right === undefined) return false;
  try {
    const isThere = (await readHolder(path))?.token === dead.token;
    // Synchronous: a process that is killed counts as dead while its other threads finish what they are at, and this mustn't come late.
    if (isThere) unlinkSync(path);
    else await rm(right, { force: true });
  } catch (error) {
    await rm(right, { force: true });
    throw error;
  }
  return true;
}

async function takeRight(path: string, dead: Holder, own: string): Promise<string | undefined> {
  for (let inPlaceOf = dead.token; ;) {
    const right = `${path}.${inPlaceOf}.steal`;
    if (await tryLink(own, right)) return right;
    const other = await readHolder(right);
    if (other === undefined || !other.dead) return undefined;
    inPlaceOf = other.token;
  }
}

/**
 * Takes away rights to remove locks that are gone, and what killed processes left. Only for whoever holds the lock:
 * its own can't be called dead, and all others are gone.
 */
export async function removeLeftovers(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const file = join(dirname(path), name);
    if (name.endsWith('.steal') || (name.endsWith('.tmp') && (await readHolder(file))?.dead)) {
      await rm(file, { force: true });
    }
  }
}
