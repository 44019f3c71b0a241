import { addedBy, type BacklogIssue, type Step, type StepKind } from '../integration/harness/backlog.js';
import type { Draw } from './draw.js';

/** Issues with dependencies below up to two epics; each agent may do anything that agents have been seen to do. */
export function drawBacklog(draw: Draw, worktree: boolean): BacklogIssue[] {
  const epics = Array.from({ length: draw.integer(0, 2) }, (_, index): BacklogIssue => ({
    id: `e-${index + 1}`,
    type: 'epic',
  }));
  const issues: BacklogIssue[] = [];
  const count = draw.integer(4, 10);
  let slow = 0;
  let deletes = 0;
  for (let number = 1; number <= count; number += 1) {
    const steps = drawSteps(draw, worktree).filter(({ does }) => {
      slow += does === 'hang' || does === 'stall' ? 1 : 0;
      deletes += does === 'deletes' ? 1 : 0;
      // A second one that deletes the same files has nothing to land; and rounds are to be short.
      return !(does === 'deletes' && deletes > 1) && !((does === 'hang' || does === 'stall') && slow > 1);
    });
    issues.push({
      id: `a-${number}`,
      steps: steps.length > 0 ? steps : [{ seconds: 0.3, does: 'files' }],
      ...(epics.length > 0 && draw.chance(60) && { parent: draw.pick(epics).id }),
      ...(issues.length > 0 && draw.chance(30) && { blockers: [draw.pick(issues).id] }),
    });
  }
  return [...epics, ...issues];
}

/** The issues that agents of this backlog add. */
export function listAdded(issues: readonly BacklogIssue[]): BacklogIssue[] {
  return issues
    .filter(({ steps }) => steps?.some(({ does }) => does === 'tracker'))
    .map(({ id }) => ({ id: addedBy(id), steps: [{ seconds: 0.2, does: 'files' }] }));
}

const USUAL = { commit: 6, files: 5, 'no-change': 2, stubborn: 1, child: 2, limited: 1 } as const;
const FAILING = { red: 3, nothing: 2, fail: 3, hang: 1, stall: 1, blocked: 1 } as const;
/** In a directory that all agents share these would be felt by the others. */
const ALONE = { tracker: 2, deletes: 1 } as const;

function drawSteps(draw: Draw, worktree: boolean): Step[] {
  const accepted = (): Step => drawStep(draw, worktree ? { ...USUAL, ...ALONE } : USUAL);
  if (draw.chance(65)) return [accepted()];
  const failing = drawStep(draw, FAILING);
  return draw.chance(70) ? [failing, accepted()] : [failing];
}

function drawStep(draw: Draw, weights: Partial<Record<StepKind, number>>): Step {
  return { seconds: draw.integer(1, 20) / 10, does: draw.weighted(weights as Record<StepKind, number>) };
}
