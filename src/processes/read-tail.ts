import { open } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { hideSecrets } from '../secrets/hide-secrets.js';

/** Read beyond the asked bytes, so that a secret, an escape sequence or a character that begins before them is seen whole. */
const MARGIN = 4_096;
const ELLIPSIS = '…';

/**
 * The end of a file as text for people, at most `bytes` bytes of UTF-8: no secrets, no escape sequences, no control characters but
 * tab and newline, U+FFFD for what isn't UTF-8. Begins with … when something is missing before it. A missing file is
 * empty.
 */
export async function readTail(path: string, bytes: number): Promise<string> {
  const { data, whole } = await readEnd(path, bytes + MARGIN);
  const text = hideSecrets(cleanText(data.toString('utf8')));
  return whole && Buffer.byteLength(text) <= bytes ? text : ELLIPSIS + keepEnd(text, bytes - ELLIPSIS.length * 3);
}

/** Lines of a progress bar, which end in a carriage return, become lines of their own. */
export function cleanText(text: string): string {
  return (
    stripVTControlCharacters(text)
      .replaceAll(/\r+\n?/g, '\n')
      // oxlint-disable-next-line no-control-regex -- they are what is to go
      .replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '')
  );
}

/** The last characters that fit into so many bytes. */
function keepEnd(text: string, bytes: number): string {
  const data = Buffer.from(text);
  let start = Math.max(0, data.length - Math.max(0, bytes));
  // 0b10xxxxxx continues a character that begins further left.
  while (start < data.length && (data[start]! & 0xc0) === 0x80) start += 1;
  return data.subarray(start).toString('utf8');
}

async function readEnd(path: string, bytes: number): Promise<{ data: Buffer; whole: boolean }> {
  let file;
  try {
    file = await open(path, 'r');
  } catch {
    return { data: Buffer.alloc(0), whole: true };
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return { data: buffer.subarray(0, bytesRead), whole: length === size };
  } finally {
    await file.close();
  }
}
