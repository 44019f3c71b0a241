import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { atomicWrite } from '../files/atomic-write.js';
import { hasCode } from '../processes/create-once.js';

/** Anything else, git would take for a name or an option. */
const commit = z.string().regex(/^[0-9a-f]{40,64}$/);

/**
 * How far an attempt's work has come, in its folder: what makes verifying it again after a crash find what is done. Each part
 * is written once what it tells is true, `swap` and `push` before they are done.
 */
const landingRecordSchema = z.object({
  version: z.literal(1),
  /** Everything that the agent did, committed. From here on the working tree holds nothing of value. */
  head: commit,
  /** Whether `head` has commits of its own. */
  hasWork: z.boolean(),
  /** The work on top of a newer integration branch. */
  rebased: z.object({ onto: commit, commit }).optional(),
  /** The integration branch is (being) moved to this commit. */
  swap: z.object({ from: commit, to: commit }).optional(),
  /** The branch at the remote is (being) moved to this commit. */
  push: z.object({ to: commit }).optional(),
});

export type LandingRecord = z.infer<typeof landingRecordSchema>;

/** Undefined as well for a file that can't be read: everything is looked up again then. */
export async function readLandingRecord(directory: string): Promise<LandingRecord | undefined> {
  try {
    const parsed = landingRecordSchema.safeParse(JSON.parse(await readFile(fileIn(directory), 'utf8')));
    return parsed.data;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeLandingRecord(directory: string, record: LandingRecord): Promise<void> {
  await mkdir(directory, { recursive: true });
  await atomicWrite(fileIn(directory), `${JSON.stringify(record)}\n`);
}

const fileIn = (directory: string): string => join(directory, 'landing.json');
