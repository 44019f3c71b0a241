import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { atomicWrite } from '../files/atomic-write.js';
import { withFileLock } from '../files/file-lock.js';
import { garlandDir, stateDir } from '../files/user-dirs.js';
import { assertNoDatabase } from './beads-database.js';
import { editDocument, formatDocument, type BeadsDocument, type Draft } from './beads-document.js';
import { createBeadsReader, type BeadsContent } from './beads-reader.js';
import { mergeLateEdit, readLateEdit } from './late-edit.js';
import { TrackerError } from './tracker.js';

/** The file and everyone who writes to it. */
export interface BeadsStore {
  read(): Promise<BeadsDocument>;
  /**
   * Reads afresh, lets `decide` look and change, and writes if it changed anything, under a lock. `decide` is synchronous and may be
   * called again, when another program has changed the file meanwhile.
   */
  mutate<T>(decide: (draft: Draft) => T): Promise<T>;
}

/** How often a write begins anew because another program, one without garland's lock, wrote first. */
const MAX_TRIES = 20;

/** Mutations that come while one is being written share the next write: claiming 500 issues isn't 500 times a whole file. */
export function createBeadsStore(projectDir: string, path: string): BeadsStore {
  const file = resolve(projectDir, path);
  const reader = createBeadsReader(file, path);
  const waiting: Mutation[] = [];
  let isWriting = false;

  async function read(): Promise<BeadsDocument> {
    await assertNoDatabase(file, projectDir);
    return (await reader.read()).document;
  }

  function mutate<T>(decide: (draft: Draft) => T): Promise<T> {
    return new Promise((resolvePromise, reject) => {
      const attempt = (draft: Draft): (() => void) => {
        const result = decide(draft);
        return () => resolvePromise(result);
      };
      waiting.push({ attempt, reject });
      if (!isWriting) void writeAll();
    });
  }

  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      let batch: Mutation[] = [];
      try {
        const settle = await withFileLock(lockFileOf(projectDir, file), () => {
          // Not before the lock is there: those who came while it was awaited share the write.
          batch = waiting.splice(0);
          return writeBatch(batch);
        });
        for (const resolveOne of settle) resolveOne();
      } catch (error) {
        if (batch.length === 0) batch = waiting.splice(0);
        for (const { reject } of batch) reject(toTrackerError(error, path));
      }
    }
    isWriting = false;
  }

  async function writeBatch(batch: readonly Mutation[]): Promise<(() => void)[]> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      await assertNoDatabase(file, projectDir);
      const base = await reader.read();
      const draft = editDocument(base.document);
      const settle = batch.map(({ attempt }) => attempt(draft));
      const changed = draft.finish();
      if (!changed || (await replaceFile(changed, base))) return settle;
    }
    throw new TrackerError(`${path}: another program rewrites it all the time; stop it, or try again later`);
  }

  /** False when the file isn't the one that was read any more: an edit by hand, and it must not be lost. */
  async function replaceFile(document: BeadsDocument, base: BeadsContent): Promise<boolean> {
    const confirm = (): void => {
      if (!reader.isCurrent(base.version)) throw new ChangedMeanwhile();
    };
    const replaced = await open(file, 'r');
    try {
      const before = await replaced.stat({ bigint: true });
      reader.remember(document, await atomicWrite(file, formatDocument(document), { confirm }));
      void saveLateEdit(replaced, before, base.document);
      return true;
    } catch (error) {
      await replaced.close();
      if (error instanceof ChangedMeanwhile) return false;
      throw error;
    }
  }

  /** Nobody waits for it: it is as if the edit had been made a moment later. */
  async function saveLateEdit(replaced: FileHandle, before: BigIntStats, base: BeadsDocument): Promise<void> {
    try {
      const edited = await readLateEdit(replaced, before);
      if (edited) await mutate((draft) => mergeLateEdit(draft, base, edited));
    } catch {
      // The tracker can't be written. Whoever has something to write is told.
    } finally {
      await replaced.close();
    }
  }

  return { read, mutate };
}

interface Mutation {
  /** Returns what tells its caller. */
  attempt: (draft: Draft) => () => void;
  reject: (error: Error) => void;
}

class ChangedMeanwhile extends Error {}

/** Not beside the file: that folder is the user's, and belongs to the repository. */
function lockFileOf(projectDir: string, file: string): string {
  const inside = relative(projectDir, file);
  if (!inside.startsWith('..') && !isAbsolute(inside)) {
    return join(garlandDir(projectDir), 'locks', `${encodeURIComponent(inside)}.lock`);
  }
  // Projects that share a file must share its lock.
  return join(stateDir(), 'locks', `${createHash('sha256').update(file).digest('hex')}.lock`);
}

function toTrackerError(error: unknown, path: string): Error {
  if (error instanceof TrackerError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TrackerError(message.includes(path) ? message : `${path}: ${message}`);
}
