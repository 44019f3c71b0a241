import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { atomicWrite } from '../files/atomic-write.js';
import { garlandDir } from '../files/user-dirs.js';
import { hasCode } from '../processes/create-once.js';
import { safeName } from '../workspaces/names.js';

/**
 * What became of an issue, for as long as the tracker doesn't have it: one file for each in `.garland/unwritten`. It is there
 * from the first write that failed until one came through, however many runs later, so that nothing that has landed is run again.
 */
const unwrittenRecordSchema = z.object({
  version: z.literal(1),
  /** First run ID of the chain of the run that had the issue. */
  runId: z.string().min(1),
  issueId: z.string().min(1),
  issueTitle: z.string(),
  settlement: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('close'),
      outcome: z.enum(['succeeded', 'no_change']),
      reason: z.string(),
      commit: z.string().optional(),
    }),
    z.object({ kind: z.literal('fail'), reason: z.string() }),
  ]),
});

export type UnwrittenRecord = z.infer<typeof unwrittenRecordSchema>;

export async function writeUnwritten(projectDir: string, record: Omit<UnwrittenRecord, 'version'>): Promise<void> {
  const folder = join(garlandDir(projectDir), 'unwritten');
  await mkdir(folder, { recursive: true });
  await atomicWrite(fileOf(projectDir, record.issueId), `${JSON.stringify({ version: 1, ...record })}\n`);
}

/** Nothing there is fine. */
export async function dropUnwritten(projectDir: string, issueId: string): Promise<void> {
  await rm(fileOf(projectDir, issueId), { force: true });
}

/** Files that aren't what they should be are passed over: what they told of is settled as a claim of a dead run then. */
export async function listUnwritten(projectDir: string): Promise<UnwrittenRecord[]> {
  const folder = folderOf(projectDir);
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  const records = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => read(folder, name)));
  return records.filter((record) => record !== undefined);
}

async function read(folder: string, name: string): Promise<UnwrittenRecord | undefined> {
  try {
    return unwrittenRecordSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
  } catch {
    return undefined;
  }
}

const folderOf = (projectDir: string): string => join(projectDir, '.garland', 'unwritten');

const fileOf = (projectDir: string, issueId: string): string => join(folderOf(projectDir), `${safeName(issueId)}.json`);
