import { link, readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { hasCode } from '../processes/create-once.js';
import { isAlive, processIdentitySchema } from '../processes/identity.js';

/** An unreadable lock that is younger isn't called dead: who knows what made it may be about to finish it. */
const UNREADABLE_GRACE_MS = 5_000;

const contentSchema = z.object({
  ...processIdentitySchema.shape,
  // Part of a file's name.
  token: z.string().regex(/^[0-9a-f-]{1,64}$/),
});

export interface Holder {
  /** Unique to one acquisition of the lock. */
  token: string;
  /** Whoever made it will never act again. */
  dead: boolean;
  /** Unknown when the content can't be read. */
  pid?: number;
}

/** Who made this lock file; undefined when there is none. */
export async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { success, data } = contentSchema.safeParse(parseJson(await readFile(path, 'utf8')));
    if (success) return { token: data.token, pid: data.pid, dead: !isAlive(data) };
    const { ino, mtimeNs, mtimeMs } = await stat(path, { bigint: true });
    return { token: `unreadable-${ino}-${mtimeNs}`, dead: Date.now() - Number(mtimeMs) > UNREADABLE_GRACE_MS };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Linking puts the lock there with all of its content, or not at all. */
export async function tryLink(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}
