import { isAbsolute, relative } from 'node:path';
import { createLastOutput } from '../last-output.js';
import type { Shell } from '../shell.js';
import { createJsonView } from './json-view.js';
import { createLiveView } from './live-view.js';
import { createPlainView } from './plain-view.js';
import type { RunView } from './run-view.js';

/** Live in a terminal, line by line elsewhere, JSON where it was asked for. */
export function chooseView(
  shell: Shell,
  { json, webUrl, hint }: { json: boolean; webUrl: string | null; hint: () => string },
): RunView {
  if (json) return createJsonView(shell);
  const showPath = (path: string): string => showPathFrom(shell.cwd, path);
  const { stdout, colors } = shell;
  if (!stdout.isTTY || shell.env['TERM'] === 'dumb') return createPlainView({ ...shell, showPath });
  return createLiveView({ stream: stdout, colors, webUrl, showPath, hint, readLastOutput: createLastOutput() });
}

/** Short below the current folder, whole elsewhere. */
export function showPathFrom(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}
