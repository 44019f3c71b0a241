import type { BacklogIssue } from '../integration/harness/backlog.js';
import { drawBacklog, listAdded } from './draw-backlog.js';
import { drawWith, type Draw } from './draw.js';
import { FAULT_KINDS, FAULTS, type FaultKind } from './faults/index.js';

/** Everything that is decided about a round before it begins. */
export interface Round {
  seed: number;
  number: number;
  kind: 'worktree' | 'directory';
  /** The project lies on a small disk of its own, which can be filled. */
  smallDisk: boolean;
  /** Its clock can be set. */
  ownClock: boolean;
  maxAgents: number;
  maxAttempts: number;
  issues: BacklogIssue[];
  /** What agents add while they work. */
  added: BacklogIssue[];
  faults: PlannedFault[];
  /** It continues as new again and again. */
  shortHistory: boolean;
  /** What is uncommitted is kept twice a second, and not only every minute. */
  keepsOften: boolean;
}

export interface PlannedFault {
  kind: FaultKind;
  /** How often agents and gates have to begin or end since the fault before: moments of the run, however fast the machine is. */
  after: number;
  /** Milliseconds after that. */
  delay: number;
  /** From 0 to 1: which of those that are there it hits. */
  pick: number;
  /** How long it lasts, in milliseconds, where it lasts. */
  length: number;
  /** Milliseconds until the command is typed again, where nothing runs after it. */
  pause: number;
}

/** The same for the same seed, number and kinds of faults. */
export function drawRound(seed: number, number: number, kinds: readonly FaultKind[] = FAULT_KINDS): Round {
  return drawWith(Math.imul(seed, 1_000_003) + number, (draw) => {
    const kind = draw.chance(80) ? 'worktree' : 'directory';
    const smallDisk = draw.chance(25);
    const ownClock = draw.chance(15);
    const issues = drawBacklog(draw, kind === 'worktree');
    return {
      seed,
      number,
      kind,
      smallDisk,
      ownClock,
      maxAgents: draw.integer(1, 3),
      maxAttempts: draw.integer(2, 3),
      issues,
      added: listAdded(issues),
      faults: drawFaults(draw, { kind, smallDisk, ownClock }, kinds),
      shortHistory: draw.chance(50),
      keepsOften: draw.chance(50),
    };
  });
}

function drawFaults(
  draw: Draw,
  round: Pick<Round, 'kind' | 'smallDisk' | 'ownClock'>,
  kinds: readonly FaultKind[],
): PlannedFault[] {
  const fitting = kinds.filter((kind) => FAULTS[kind].fits?.(round) ?? true);
  if (fitting.length === 0) return [];
  const weights = Object.fromEntries(fitting.map((kind) => [kind, FAULTS[kind].weight])) as Record<FaultKind, number>;
  // Some while it starts.
  const first = draw.chance(25) ? 0 : draw.integer(1, 3);
  return Array.from({ length: draw.integer(6, 12) }, (_, index): PlannedFault => {
    // Some right after each other, while the one before is still being dealt with.
    const after = index === 0 ? first : draw.chance(30) ? 0 : draw.integer(1, 4);
    return {
      kind: draw.weighted(weights),
      after,
      delay: draw.integer(0, after === 0 && index === 0 ? 3000 : 500),
      pick: draw.integer(0, 999) / 1000,
      length: draw.integer(100, 2000),
      pause: draw.chance(50) ? 0 : draw.integer(1, 1500),
    };
  });
}
