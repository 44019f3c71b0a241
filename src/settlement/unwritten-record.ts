import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { atomicWrite } from '../files/atomic-write.js';
import { listNames } from '../files/list-names.js';
import { garlandDir } from '../files/user-dirs.js';
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
  return (await readAll(projectDir)).flatMap(({ record }) => record ?? []);
}

/** The paths of those files. */
export async function listUnreadable(projectDir: string): Promise<string[]> {
  return (await readAll(projectDir)).flatMap(({ path, record }) => (record ? [] : [path]));
}

async function readAll(projectDir: string): Promise<{ path: string; record?: UnwrittenRecord }[]> {
  const folder = folderOf(projectDir);
  const names = (await listNames(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(names.map((name) => read(join(folder, name))));
}

async function read(path: string): Promise<{ path: string; record?: UnwrittenRecord }> {
  try {
    return { path, record: unwrittenRecordSchema.parse(JSON.parse(await readFile(path, 'utf8'))) };
  } catch {
    return { path };
  }
}

const folderOf = (projectDir: string): string => join(projectDir, '.garland', 'unwritten');

const fileOf = (projectDir: string, issueId: string): string => join(folderOf(projectDir), `${safeName(issueId)}.json`);
