import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { execa } from 'execa';
import type { OnProgress } from './progress.js';

/**
 * Fetches the official archive and unpacks it.
 *
 * @param base scheme and host, as `https://temporal.download`
 * @param into an existing folder, for this download alone
 * @returns the path of the unpacked program
 * @throws Error with a short reason: no network, refused, cut off, silent for half a minute, no archive
 */
export async function downloadTemporalBinary(
  base: string,
  version: string,
  into: string,
  onProgress?: OnProgress,
): Promise<string> {
  const archive = path.join(into, 'temporal.tar.gz');
  await fetchFile(archiveUrl(base, version), archive, (done, total) =>
    onProgress?.(`downloading the Temporal CLI ${version}: ${formatAmount(done, total)}`),
  );
  const unpacked = path.join(into, 'unpacked');
  await mkdir(unpacked);
  const tar = await execa('tar', ['-xzf', archive, '-C', unpacked, 'temporal'], { reject: false, stdin: 'ignore' });
  if (tar.code === 'ENOENT') throw new Error('tar is not installed');
  if (tar.failed) throw new Error(`cannot unpack it: ${tar.stderr.trim().split('\n')[0] || 'tar failed'}`);
  return path.join(unpacked, 'temporal');
}

function archiveUrl(base: string, version: string): string {
  const platform = { linux: 'linux', darwin: 'darwin' }[process.platform as string];
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (platform === undefined || arch === undefined) {
    throw new Error(`there is none for ${process.platform} on ${process.arch}`);
  }
  return `${base}/cli/archive/${version}?platform=${platform}&arch=${arch}`;
}

async function fetchFile(url: string, file: string, onBytes: (done: number, total: number) => void): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await fetch(url, { signal: silence.signal });
    if (!response.ok || response.body === null) throw new Error(`the address answered ${response.status}`);
    const total = Number(response.headers.get('content-length') ?? 0);
    const target = createWriteStream(file);
    const written = finished(target);
    written.catch(() => undefined);
    let done = 0;
    let toldAt = 0;
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      if (!target.write(chunk)) await Promise.race([once(target, 'drain'), written]);
      done += chunk.length;
      if (Date.now() - toldAt < TELL_EVERY_MS) continue;
      toldAt = Date.now();
      onBytes(done, total);
    }
    target.end();
    await written;
    if (total > 0 && done !== total) throw new Error(`cut off after ${done} of ${total} bytes`);
  } catch (error) {
    throw explainFetchError(error, silence.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

/** What `fetch` throws says only "fetch failed"; the reason lies in its cause. Errors of the disk pass as they are. */
function explainFetchError(error: unknown, silent: boolean): unknown {
  if (silent) return new Error(`nothing came for ${SILENCE_MS / 1_000} s`);
  if (!(error instanceof TypeError)) return error;
  const cause = error.cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : code;
  return new Error(reason === '' ? error.message : reason);
}

function formatAmount(done: number, total: number): string {
  const megabytes = (done / 1_000_000).toFixed(1);
  return total > 0 ? `${Math.floor((done / total) * 100)} % (${megabytes} MB)` : `${megabytes} MB`;
}

const SILENCE_MS = 30_000;
const TELL_EVERY_MS = 500;
