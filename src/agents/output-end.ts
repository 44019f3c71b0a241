import { readTail } from '../processes/read-tail.js';

/** In UTF-16 units. It travels with the agent's result and is carried to the next attempt. */
const MAX_OUTPUT = 1_500;
/** Enough for as many units, whatever the characters. */
const READ_BYTES = 3 * MAX_OUTPUT;

/**
 * The end of what a program printed for people, so that the next attempt is told what went wrong: half of it from each
 * of two files, or what room the other leaves. Undefined when it printed nothing.
 */
export async function readOutputEnd(...files: string[]): Promise<string | undefined> {
  const texts = await Promise.all(files.map(async (file) => (await readTail(file, READ_BYTES)).trim()));
  const [first = '', ...others] = texts.filter(Boolean);
  if (others.length === 0) return keepEnd(first, MAX_OUTPUT) || undefined;
  const rest = others.join('\n');
  const head = keepEnd(first, Math.max(MAX_OUTPUT / 2, MAX_OUTPUT - 1 - rest.length));
  return `${head}\n${keepEnd(rest, MAX_OUTPUT - 1 - head.length)}`;
}

function keepEnd(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(1 - length).replace(/^[\uDC00-\uDFFF]/, '')}`;
}
