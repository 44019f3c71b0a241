import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { atomicWrite } from '../files/atomic-write.js';
import { UserError } from '../errors.js';
import { hasCode } from '../processes/create-once.js';

/**
 * How far a workspace has come, written before each step, so that what a crash left half made is told from what is to
 * be kept:
 * - `creating`: nothing in the folder is of value.
 * - `hook`: complete but for after_create, which runs as the job in `job`.
 * - `ready`: agents may have worked in it.
 * - `removing`: nothing in the folder is of value any more.
 */
export const workspaceRecordSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('creating'), folder: z.string() }),
  z.object({ state: z.literal('hook'), folder: z.string(), job: z.string() }),
  z.object({ state: z.literal('ready'), folder: z.string() }),
  z.object({ state: z.literal('removing'), folder: z.string() }),
]);

export type WorkspaceRecord = z.infer<typeof workspaceRecordSchema>;

/** @throws UserError when it is there and can't be read */
export async function readWorkspaceRecord(file: string): Promise<WorkspaceRecord | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return workspaceRecordSchema.parse(JSON.parse(text));
  } catch {
    throw new UserError(`${file}: unreadable; look into the workspace that it names, then delete the file`);
  }
}

export async function writeWorkspaceRecord(file: string, record: WorkspaceRecord): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await atomicWrite(file, `${JSON.stringify(record)}\n`);
}

export async function removeWorkspaceRecord(file: string): Promise<void> {
  await rm(file, { force: true });
}
