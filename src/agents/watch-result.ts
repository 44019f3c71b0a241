import { readJsonLines } from './json-lines.js';

/**
 * Whether the last line of a program's stdout is its result, for asking often: each time only what is new is read. Another line
 * after the result means that the program has found more to do.
 */
export function createResultWatch(isResult: (line: unknown) => boolean): (stdoutFile: string) => Promise<boolean> {
  let offset = 0;
  let isLast = false;
  return async (stdoutFile) => {
    offset = await readJsonLines(stdoutFile, (line) => (isLast = isResult(line)), offset);
    return isLast;
  };
}
