import type { RunEvent } from '../../contract/events.js';
import type { RunSnapshot } from '../../contract/run.js';

/** How a run is shown while it goes on: live in a terminal, line by line, or as JSON. */
export interface RunView {
  /** How often the run's state is asked for: on every look, whenever something happened, or never. */
  readonly needsState: 'always' | 'on-events' | 'never';
  state: (snapshot: RunSnapshot) => void;
  event: (event: RunEvent) => void;
  /** Something that the command itself has to say. */
  note: (line: string) => void;
  /** Shown until it is undefined again: the server can't be reached, and so on. */
  trouble: (line: string | undefined) => void;
  /** Leaves the terminal as it was found. May be called twice. */
  close: () => void;
}
