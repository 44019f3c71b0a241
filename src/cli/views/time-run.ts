import type { RunView } from './run-view.js';

/** The same view, and the milliseconds between the first and the last event that it was shown. */
export function timeRun(view: RunView): { view: RunView; elapsed: () => number } {
  let first: number | undefined;
  let last = 0;
  const event: RunView['event'] = (shown) => {
    last = Date.parse(shown.time);
    first ??= last;
    view.event(shown);
  };
  return { view: { ...view, event }, elapsed: () => last - (first ?? last) };
}
