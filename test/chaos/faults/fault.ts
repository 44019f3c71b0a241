import { waitFor } from '../../integration/harness/wait-for.js';
import type { PlannedFault, Round } from '../draw-round.js';
import type { Scene } from '../scene.js';

type About = 'garland' | 'worker' | 'tracker' | 'server' | 'repository' | 'agents';

export interface Fault {
  /** For people, in docs/reliability.md. */
  description: string;
  /** How often it is drawn, beside the others. */
  weight: number;
  /** Faults of one kind of thing wait for each other: two of them would only disturb each other. */
  about: About | About[];
  fits?: (round: Pick<Round, 'kind' | 'smallDisk' | 'ownClock'>) => boolean;
  /** Undefined when it has happened; otherwise why there was nothing for it to happen to. */
  inject: (scene: Scene, planned: PlannedFault) => Promise<string | undefined>;
}

/** How long a fault waits for what it is to happen to, in milliseconds. */
const PATIENCE = 5_000;

/** What there is to be found now, or comes soon. */
export async function findSoon<T>(look: () => T | undefined): Promise<T | undefined> {
  return waitFor('it', look, { within: PATIENCE, every: 10 }).catch(() => undefined);
}

/** `pick` from 0 to 1. Undefined when there is none. */
export function pickOne<T>(items: readonly T[], pick: number): T | undefined {
  return items[Math.floor(pick * items.length)];
}
