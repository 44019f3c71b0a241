import { readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { removeLeftovers } from '../files/dead-lock.js';
import { withFileLock } from '../files/file-lock.js';
import { readHolder } from '../files/lock-holder.js';
import { readIdentity } from '../processes/identity.js';
import type { Findings, Leftover } from './leftover.js';

/** Locks and temporary files of processes that are dead. They are in nobody's way; whoever comes next takes them away, too. */
export async function findFiles({ dir, config, now }: Findings): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const path of [...(await listOwn(dir)), ...(await listDrafts(resolve(dir, config.tracker.path)))]) {
    const clean = await chooseCleaning(path, now());
    if (clean) found.push(describe(path, clean));
  }
  return found;
}

/** What `.garland` has at its top, and where garland writes files of its own as a whole. */
async function listOwn(dir: string): Promise<string[]> {
  const own = join(dir, '.garland');
  const folders = ['', 'locks', 'workspace-records', 'unwritten'].map((name) => join(own, name));
  return (await Promise.all(folders.map(listPaths))).flat();
}

/** The tracker's folder is the user's: nothing there is garland's but what has the name of an atomicWrite of a tracker's file. */
async function listDrafts(trackerFile: string): Promise<string[]> {
  const paths = await listPaths(dirname(await realpath(trackerFile).catch(() => trackerFile)));
  return paths.filter((path) => /\/\.[^/]+\.jsonl\.\d+\.[0-9a-f-]{36}\.tmp$/.test(path));
}

async function listPaths(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
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
