import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { hasCode } from '../processes/create-once.js';
import { TrackerError } from './tracker.js';

/** The database that a folder `.beads` holds: files of SQLite, or folders of Dolt (bd since its version 1). */
export interface BeadsDatabase {
  kind: 'sqlite' | 'dolt';
  /** Of the file or folder. */
  name: string;
}

/** Undefined when there is none, or no such folder. @throws TrackerError when the folder can't be read */
export async function findDatabase(folder: string): Promise<BeadsDatabase | undefined> {
  const names = await listNames(folder);
  const dolt = names.find((name) => DOLT_FOLDERS.includes(name));
  if (dolt !== undefined) return { kind: 'dolt', name: dolt };
  const sqlite = names.find((name) => name.endsWith('.db'));
  return sqlite === undefined ? undefined : { kind: 'sqlite', name: sqlite };
}

/**
 * Beside a database the JSONL file is a copy that beads writes and reads when it likes: what garland wrote into it would be
 * lost, or bring old states back.
 *
 * @throws TrackerError, permanent, when there is one.
 */
export async function assertNoDatabase(file: string, projectDir: string): Promise<void> {
  const folder = dirname(file);
  if (basename(folder) !== '.beads') return;
  const database = await findDatabase(folder);
  if (database === undefined) return;
  const where = relative(projectDir, join(folder, database.name)) || database.name;
  throw new TrackerError(
    `${where}: beads keeps its issues in a database here and would overwrite what garland writes to ${basename(file)}; ` +
      'set tracker.kind in WORKFLOW.md to beads, which works with the database through bd or br; or remove the database ' +
      '(and use `bd --no-db`); or set tracker.path to an export in another folder',
    true,
  );
}

const DOLT_FOLDERS = ['dolt', 'embeddeddolt'];

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw new TrackerError(`${folder}: could not be read (${String(error)}); check its permissions`, true);
  }
}
