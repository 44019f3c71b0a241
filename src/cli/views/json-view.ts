import type { RunView } from './run-view.js';

/** The run's events as they are, one JSON object a line on stdout; everything else goes to stderr. */
export function createJsonView(output: { out: (line: string) => void; err: (line: string) => void }): RunView {
  let trouble: string | undefined;
  return {
    needsState: 'never',
    state: () => {},
    event: (event) => output.out(JSON.stringify(event)),
    note: (line) => output.err(line),
    trouble(line) {
      if (line !== undefined && trouble === undefined) output.err(line);
      trouble = line;
    },
    close: () => {},
  };
}
