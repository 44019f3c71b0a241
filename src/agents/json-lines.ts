import { createReadStream } from 'node:fs';
import { hasCode } from '../processes/create-once.js';

/** A longer line is passed over: it fits into no string. */
const MAX_LINE = 256 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Hands over what is JSON of the lines of a file, from a place in it on, without having more than a line in memory. What is
 * no JSON, in whatever encoding, is passed over. Answers where the last whole line ends, so that a later call can go on
 * there. The rest after it is handed over too, if it is JSON: a program that was killed may not have come to its newline.
 * A missing file is empty.
 */
export async function readJsonLines(path: string, take: (value: unknown) => void, start = 0): Promise<number> {
  const parts: Buffer[] = [];
  let length = 0;
  let end = start;
  let at = start;
  const add = (part: Buffer) => {
    length += part.length;
    if (length <= MAX_LINE) parts.push(part);
    else parts.length = 0;
  };
  const finish = () => {
    if (length <= MAX_LINE) takeJson(Buffer.concat(parts), take);
    parts.length = 0;
    length = 0;
  };
  try {
    const chunks: AsyncIterable<Buffer> = createReadStream(path, { start, highWaterMark: 1024 * 1024 });
    for await (const data of chunks) {
      let from = 0;
      for (let to = data.indexOf(NEWLINE); to !== -1; to = data.indexOf(NEWLINE, from)) {
        add(data.subarray(from, to));
        finish();
        from = to + 1;
        end = at + from;
      }
      if (from < data.length) add(data.subarray(from));
      at += data.length;
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  finish();
  return end;
}

function takeJson(line: Buffer, take: (value: unknown) => void): void {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    return;
  }
  take(value);
}
