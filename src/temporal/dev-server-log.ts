import { hideSecrets } from '../secrets/hide-secrets.js';
import { copyFile, open, rename, rm, stat, truncate } from 'node:fs/promises';

/** Before a start: the log of the server before is kept beside it, so that two logs at most are there. */
export async function rotateLog(log: string): Promise<void> {
  await rename(log, `${log}.1`).catch(ignoreMissing);
}

/**
 * While the server runs: past `maxBytes` the log is moved aside. The server keeps its file open, so the text is copied and
 * the file cut; what it writes between the two is lost. Where there is no room for a copy, it is cut all the same.
 */
export async function trimLog(log: string, maxBytes = 5_000_000): Promise<void> {
  const size = await stat(log).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size <= maxBytes) return;
  await copyFile(log, `${log}.1`).catch(() => rm(`${log}.1`, { force: true }));
  await truncate(log);
}

/** The last line that tells of an error, else the last line; at most 300 characters. Empty when there is none. */
export async function readLastComplaint(log: string): Promise<string> {
  const lines = (await readLog(log)).split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((candidate) => /error|fatal|panic/i.test(candidate)) ?? lines.at(-1) ?? '';
  const said = /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replaceAll(/\\(["\\])/g, '$1') ?? line.trim();
  const message = hideSecrets(said);
  return message.length <= 300 ? message : `${message.slice(0, 80)} … ${message.slice(-200)}`;
}

/** The last 16 KB of it; empty when there is none. */
export async function readLog(log: string): Promise<string> {
  return readTail(log, 16_384);
}

async function readTail(file: string, bytes: number): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, Math.max(0, size - bytes));
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
