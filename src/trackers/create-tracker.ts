import type { Config } from '../config/schema.js';
import { createBeadsJsonlTracker } from './beads-jsonl.js';
import type { Tracker } from './tracker.js';

/** The tracker that the configuration asks for. Keep one for each project and process. */
export function createTracker(projectDir: string, config: Config['tracker']): Tracker {
  const states = { activeStates: config.active_states, terminalStates: config.terminal_states };
  switch (config.kind) {
    case 'beads-jsonl':
      return createBeadsJsonlTracker({ projectDir, path: config.path, ...states });
  }
}
