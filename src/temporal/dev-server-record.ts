import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { atomicWrite } from '../files/atomic-write.js';
import { processIdentitySchema } from '../processes/identity.js';

const port = z.number().int().min(1).max(65_535);

export const devServerRecordSchema = z.object({
  port,
  uiPort: port,
  /** Null after `server stop`: whoever watches a server must know a stop from a crash. */
  process: processIdentitySchema.nullable(),
});

export type DevServerRecord = z.infer<typeof devServerRecordSchema>;

/** Undefined when there is none or it can't be read: the process is found without it, see dev-server-process.ts. */
export async function readDevServerRecord(file: string): Promise<DevServerRecord | undefined> {
  try {
    return devServerRecordSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Only for whoever holds the server's lock. */
export async function writeDevServerRecord(file: string, record: DevServerRecord): Promise<void> {
  await atomicWrite(file, `${JSON.stringify(record)}\n`);
}
