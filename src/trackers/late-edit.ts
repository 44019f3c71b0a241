import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds without a write after which an edit is taken for whole, as in beads-reader.ts. */
const SETTLED_AFTER_MS = 50;
const PATIENCE_MS = 1_000;

/**
 * What somebody wrote to a file at the moment in which it was replaced: they had it open, and their edit went into what no
 * longer has a name. Undefined when there is nothing of the kind, or when it is cut short: an editor that empties a file first
 * finds the new one with its next save.
 */
export async function readLateEdit(replaced: FileHandle, before: BigIntStats): Promise<Buffer | undefined> {
  const begun = Date.now();
  for (;;) {
    const stats = await replaced.stat({ bigint: true });
    // Not the inode's own change time: losing its name changes that.
    if (stats.size === before.size && stats.mtimeNs === before.mtimeNs) return undefined;
    const age = Date.now() - Number(stats.mtimeMs);
    if (age >= SETTLED_AFTER_MS || age < 0) {
      const bytes = Buffer.alloc(Number(stats.size));
      const { bytesRead } = await replaced.read(bytes, 0, bytes.length, 0);
      const isWhole = bytesRead > 0 && bytesRead === bytes.length && bytes.at(-1) === NEWLINE;
      return isWhole ? bytes : undefined;
    }
    if (Date.now() - begun > PATIENCE_MS) return undefined;
    await sleep(10);
  }
}

const NEWLINE = 0x0a;
