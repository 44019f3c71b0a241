import { createLogUpdate } from 'log-update';
import type { Colors } from 'picocolors/types.js';
import stringWidth from 'string-width';
import type { RunSnapshot } from '../../contract/run.js';
import { describeEvent } from './describe-event.js';
import { rememberTitles } from './plain-view.js';
import { renderScreen } from './render-screen.js';
import { formatClock } from './format-time.js';
import type { RunView } from './run-view.js';
import { toPlainLine } from './terminal-text.js';

/** Milliseconds between two redraws: elapsed times run evenly, and an idle terminal costs nothing to speak of. */
const redrawInterval = 250;

export interface LiveViewOptions {
  stream: NodeJS.WriteStream;
  colors: Colors;
  webUrl: string | null;
  showPath: (path: string) => string;
  /** What the keys do now. */
  hint: () => string;
  /** The last line of an agent's output, if it is cheap to get. */
  readLastOutput: (snapshot: RunSnapshot, issueId: string, attempt: number) => string | undefined;
}

/** Events scroll by; below them an area that is redrawn in place shows what runs now. */
export function createLiveView(options: LiveViewOptions): RunView {
  const { stream, colors, showPath } = options;
  const logUpdate = createLogUpdate(stream);
  const titles = new Map<string, string>();
  const context = { colors, showPath, titleOf: (id: string) => titles.get(id) };
  let snapshot: RunSnapshot | undefined;
  let trouble: string | undefined;
  let drawn: string[] = [];
  let closed = false;

  const draw = (): void => {
    if (closed || !snapshot) return;
    const lastOutput = readLastOutputs(snapshot, options);
    // A terminal that doesn't know its size says 0.
    const size = { columns: stream.columns || 80, rows: stream.rows || 24 };
    drawn = renderScreen({ ...options, ...size, snapshot, now: Date.now(), trouble, hint: options.hint(), lastOutput });
    logUpdate(drawn.join('\n'));
  };
  // A terminal that got narrower has wrapped what was drawn: log-update doesn't know of the lines that came of it.
  const eraseWrapped = (): void => {
    if (closed) return;
    const columns = stream.columns || 80;
    const wrapped = drawn.reduce((sum, line) => sum + Math.max(0, Math.ceil(stringWidth(line) / columns) - 1), 0);
    logUpdate.clear();
    if (wrapped > 0) stream.write(`\u001B[${wrapped}A\u001B[J`);
    drawn = [];
    draw();
  };
  const print = (line: string): void => {
    logUpdate.persist(line);
    draw();
  };
  const timer = setInterval(draw, redrawInterval);
  stream.on('resize', eraseWrapped);

  return {
    needsState: 'always',
    state(next) {
      snapshot = next;
      rememberTitles(titles, next);
    },
    event(event) {
      const line = describeEvent(event, context);
      if (line !== undefined) print(`${colors.dim(formatClock(event.time))} ${line}`);
    },
    note: print,
    trouble(line) {
      trouble = line;
      draw();
    },
    close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      stream.off('resize', eraseWrapped);
      logUpdate.clear();
      logUpdate.done();
    },
  };
}

function readLastOutputs(snapshot: RunSnapshot, { readLastOutput }: LiveViewOptions): Map<string, string> {
  const lines = new Map<string, string>();
  for (const { id, attempt, phase } of snapshot.active) {
    const line = phase === 'running' ? readLastOutput(snapshot, id, attempt) : undefined;
    if (line !== undefined) lines.set(id, toPlainLine(line));
  }
  return lines;
}
