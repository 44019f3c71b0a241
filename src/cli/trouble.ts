import { oneLine } from './report-error.js';

/** Turns failed looks at a run into one sentence for a person, and says when they go on. */
export function createTrouble(options: {
  show: (line: string | undefined) => void;
  /** Called every few seconds while it goes on. */
  onLong: () => void;
  now?: () => number;
}): (error: unknown) => void {
  const { show, onLong, now = Date.now } = options;
  let since: number | undefined;
  let askedAt = 0;
  return (error) => {
    if (error === undefined) {
      since = undefined;
      show(undefined);
      return;
    }
    since ??= now();
    // A single look may fail for no reason that a person needs to know of.
    if (now() - since < patience) return;
    const clock = new Date(since).toTimeString().slice(0, 8);
    show(`garland: the run can't be asked since ${clock} (${oneLine(error)}); trying again, agents go on`);
    if (now() - askedAt < patience) return;
    askedAt = now();
    onLong();
  };
}

/** Milliseconds. */
const patience = 3000;
