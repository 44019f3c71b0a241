import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIssues } from './beads-adopt.js';
import type { BeadsDocument, Draft } from './beads-document.js';

/** Milliseconds until each look. What a shell has opened for `program >>file` is written when the program gets to it. */
const LOOKS_AFTER = [0, 50, 150, 300, 500];
/** Without a write for so long, an edit is taken for whole, as in beads-reader.ts. */
const SETTLED_AFTER_MS = 50;

/**
 * What somebody writes to a file that has just been replaced: they had it open, and their edit goes into what no longer has a
 * name. Undefined when nothing of the kind comes in the next second.
 */
export async function readLateEdit(replaced: FileHandle, before: BigIntStats): Promise<Buffer | undefined> {
  for (const pause of LOOKS_AFTER) {
    await sleep(pause, undefined, { ref: false });
    // Not the inode's own change time: losing its name changes that.
    const { size, mtimeNs } = await replaced.stat({ bigint: true });
    if (size !== before.size || mtimeNs !== before.mtimeNs) return readSettled(replaced);
  }
  return undefined;
}

async function readSettled(replaced: FileHandle): Promise<Buffer> {
  for (;;) {
    const { size, mtimeMs } = await replaced.stat();
    const age = Date.now() - mtimeMs;
    if (age >= SETTLED_AFTER_MS || age < 0) {
      const bytes = Buffer.alloc(size);
      const { bytesRead } = await replaced.read(bytes, 0, size, 0);
      return bytes.subarray(0, bytesRead);
    }
    await sleep(10, undefined, { ref: false });
  }
}

/**
 * Makes the edit once more where it counts: issues that it added, and fields that it changed. What it took away stays, because a
 * file that an editor has emptied to fill it again looks the same.
 */
export function mergeLateEdit(draft: Draft, base: BeadsDocument, edited: Buffer): void {
  for (const { id, line } of parseIssues(edited)) {
    const earlier = base.lines[base.positions.get(id) ?? -1]?.text;
    if (earlier === undefined) {
      if (!draft.find(id)) draft.append(line);
    } else if (draft.find(id)) {
      const changes = findChanges(earlier, line);
      if (Object.keys(changes).length > 0) draft.edit(id, changes);
    }
  }
}

function findChanges(from: string, to: string): Record<string, unknown> {
  const before = new Map(parseMembers(from));
  return Object.fromEntries(
    parseMembers(to).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before.get(key))),
  );
}

/** Of a line that has been read as an issue. */
function parseMembers(line: string): [string, unknown][] {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
