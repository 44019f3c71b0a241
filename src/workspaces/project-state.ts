import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { atomicWrite } from '../files/atomic-write.js';
import { garlandDir } from '../files/user-dirs.js';
import { UserError } from '../errors.js';
import { hasCode } from '../processes/create-once.js';

/** What garland remembers of a project between runs. Keys of others are kept. */
const projectStateSchema = z.looseObject({
  /** The branch that was checked out when the project first ran. */
  base: z.string().min(1).optional(),
});

export type ProjectState = z.infer<typeof projectStateSchema>;

/** @throws UserError when it is there and can't be read */
export async function readProjectState(projectDir: string): Promise<ProjectState> {
  const file = fileIn(projectDir);
  try {
    return projectStateSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return {};
    throw new UserError(`${file}: unreadable; delete it, and the branch checked out then is taken as git.base`);
  }
}

export async function writeProjectState(projectDir: string, state: ProjectState): Promise<void> {
  await atomicWrite(fileIn(projectDir), `${JSON.stringify(state, undefined, 2)}\n`);
}

const fileIn = (projectDir: string): string => join(garlandDir(projectDir), 'project.json');
