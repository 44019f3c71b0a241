import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { UserError } from '../errors.js';

const MAX_BYTES = 1_048_576;

/** A file's text, without a byte order mark and with `\n` alone as line end; undefined when there is no such file. */
export async function readText(file: string, name: string): Promise<string | undefined> {
  const bytes = await readBytes(file, name);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll(/\r\n?/g, '\n');
  } catch {
    throw new UserError(`${name}: found bytes that aren't UTF-8, allowed: UTF-8 text`);
  }
}

async function readBytes(file: string, name: string): Promise<Buffer | undefined> {
  try {
    // Without O_NONBLOCK opening a pipe that nobody writes to never returns.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new UserError(`${name}: found ${kindOf(stats)}, allowed: a file`);
      if (stats.size > MAX_BYTES)
        throw new UserError(`${name}: found ${stats.size} bytes, allowed: up to ${MAX_BYTES}`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UserError(`${name}: can't be read (${String(code)}); see to its permissions`);
  }
}

const kindOf = (stats: Stats): string => (stats.isDirectory() ? 'a folder' : 'a device or pipe');
