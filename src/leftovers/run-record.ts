import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runFolder } from '../agents/attempt-folder.js';
import { garlandDir } from '../files/user-dirs.js';
import { createOnce } from '../processes/create-once.js';

/** Which run a folder of runs belongs to: its project may have another name by now, and that is how it is asked for. */
const runRecordSchema = z.object({
  version: z.literal(1),
  project: z.string().min(1),
  /** First run ID of the chain. */
  runId: z.string().min(1),
  startedAt: z.string(),
});

export type RunRecord = z.infer<typeof runRecordSchema>;

/** Written once, at the start of the run. */
export async function writeRunRecord(projectDir: string, record: Omit<RunRecord, 'version'>): Promise<void> {
  garlandDir(projectDir);
  const folder = runFolder(projectDir, record.runId);
  await mkdir(folder, { recursive: true });
  await createOnce(join(folder, 'run.json'), `${JSON.stringify({ version: 1, ...record })}\n`);
}

/** Undefined when it isn't there, or isn't what it should be. */
export async function readRunRecord(folder: string): Promise<RunRecord | undefined> {
  try {
    return runRecordSchema.parse(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')));
  } catch {
    return undefined;
  }
}
