import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { stateDir } from '../files/user-dirs.js';
import { createOnce } from '../processes/create-once.js';

/** Where a project is worked on: a folder of a user of a machine. */
export interface Place {
  place: string;
  /** For people. */
  host: string;
}

/**
 * A project has one run at a time, but two machines can have projects of the same name: a claim of one mustn't look to the
 * other like one that is left from its own last run.
 */
export async function findPlace(projectDir: string): Promise<Place> {
  const folder = stateDir();
  const file = join(folder, 'place');
  await mkdir(folder, { recursive: true });
  await createOnce(file, randomUUID());
  const user = await readFile(file, 'utf8');
  const place = createHash('sha256').update(`${user}\n${projectDir}`).digest('hex').slice(0, 16);
  return { place, host: hostname() };
}
