import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';

/** Files below these folders, links included, in which one of the words stands. */
export function findInFiles(folders: string[], words: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const file = join(entry.parentPath, entry.name);
      if (entry.isSymbolicLink()) return nameFound(file, readlinkSync(file), words);
      return entry.isFile() ? nameFound(file, readFileSync(file, 'latin1'), words) : nameFound(file, entry.name, words);
    }),
  );
}

const nameFound = (file: string, text: string, words: readonly string[]): string[] =>
  words.filter((word) => text.includes(word)).map((word) => `${word} in ${file}`);

/** All that the server tells of the runs of a workflow ID, payloads and memo in plain text. */
export async function readRuns(address: string, workflowId: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const told: string[] = [];
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
      const handle = client.workflow.getHandle(workflowId, runId);
      told.push(showPlain([await handle.describe(), await handle.fetchHistory()]));
    }
    return told;
  } finally {
    await connection.close();
  }
}

function showPlain(value: unknown): string {
  const seen = new Set<unknown>();
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return String(part);
    if (typeof part !== 'object' || part === null) return part;
    // The client, which a description refers to.
    if (part instanceof Client || part instanceof Connection || seen.has(part)) return undefined;
    seen.add(part);
    if (isBuffer(part)) return Buffer.from(part.data).toString();
    return part instanceof Uint8Array ? Buffer.from(part).toString() : part;
  });
}

/** What JSON makes of a Buffer before it asks. */
const isBuffer = (part: object): part is { type: 'Buffer'; data: number[] } =>
  'type' in part && part.type === 'Buffer' && 'data' in part && Array.isArray(part.data);
