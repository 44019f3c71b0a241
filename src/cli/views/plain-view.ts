import type { Colors } from 'picocolors/types.js';
import type { RunSnapshot } from '../../contract/run.js';
import { describeEvent } from './describe-event.js';
import { formatClock } from './format-time.js';
import type { RunView } from './run-view.js';

interface PlainViewOptions {
  out: (line: string) => void;
  err: (line: string) => void;
  colors: Colors;
  showPath: (path: string) => string;
}

/** One readable line for each event, for pipes and log files. */
export function createPlainView({ out, err, colors, showPath }: PlainViewOptions): RunView {
  const titles = new Map<string, string>();
  const context = { colors, showPath, titleOf: (id: string) => titles.get(id) };
  let trouble: string | undefined;
  return {
    needsState: 'on-events',
    state: (snapshot) => rememberTitles(titles, snapshot),
    event(event) {
      const line = describeEvent(event, context);
      if (line !== undefined) out(`${colors.dim(formatClock(event.time))} ${line}`);
    },
    note: (line) => err(line),
    trouble(line) {
      if (line !== undefined && trouble === undefined) err(line);
      if (line === undefined && trouble !== undefined) err('garland: the server answers again');
      trouble = line;
    },
    close: () => {},
  };
}

export function rememberTitles(titles: Map<string, string>, snapshot: RunSnapshot): void {
  for (const issue of [...snapshot.active, ...snapshot.finished]) titles.set(issue.id, issue.title);
}
