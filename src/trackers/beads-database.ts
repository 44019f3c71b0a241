import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { hasCode } from '../processes/create-once.js';
import { TrackerError } from './tracker.js';

/**
 * Beside a database of beads (SQLite files; folders of Dolt since its version 1) the JSONL file is a copy that beads writes
 * and reads when it likes: what garland wrote into it would be lost, or bring old states back.
 *
 * @throws TrackerError, permanent, when there is one.
 */
export async function assertNoDatabase(file: string, projectDir: string): Promise<void> {
  const folder = dirname(file);
  if (basename(folder) !== '.beads') return;
  const database = (await listNames(folder)).find((name) => name.endsWith('.db') || DOLT_FOLDERS.includes(name));
  if (database === undefined) return;
  const where = relative(projectDir, join(folder, database)) || database;
  throw new TrackerError(
    `${where}: beads keeps its issues in a database here and would overwrite what garland writes to ${basename(file)}; ` +
      'remove the database (and use `bd --no-db`), or set tracker.path in WORKFLOW.md to an export in another folder',
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
