import type { IssueOutcome } from '../../../src/contract/outcomes.js';
import { titleOf, type BacklogIssue, type Step } from './backlog.js';

export interface Expected {
  outcome: IssueOutcome;
  attempts: number;
  /** What of its commits lies on the integration branch. */
  subjects: string[];
}

/** What must become of the issues that can be reached, when nothing disturbs the run: worked out apart from garland. */
export function expectOutcomes(
  issues: readonly BacklogIssue[],
  { maxAttempts, worktree }: { maxAttempts: number; worktree: boolean },
): Map<string, Expected> {
  const expected = new Map<string, Expected>();
  const isClosed = (id: string): boolean => {
    const outcome = expected.get(id)?.outcome;
    return outcome === 'succeeded' || outcome === 'no_change';
  };
  for (let found = true; found;) {
    found = false;
    for (const issue of issues) {
      if (issue.steps === undefined || expected.has(issue.id) || !(issue.blockers ?? []).every(isClosed)) continue;
      expected.set(issue.id, expectOutcome(issue.id, issue.steps, maxAttempts, worktree));
      found = true;
    }
  }
  return expected;
}

function expectOutcome(id: string, steps: readonly Step[], maxAttempts: number, worktree: boolean): Expected {
  const subjects = new Set<string>();
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const { does } = steps[attempt - 1] ?? steps.at(-1)!;
    if (does === 'blocked') return { outcome: 'failed', attempts: attempt, subjects: [] };
    if (does === 'fail' || does === 'hang' || does === 'stall') continue;
    if (worktree) for (const subject of subjectsOf(id, does, attempt)) subjects.add(subject);
    if (does === 'red' || (does === 'nothing' && worktree && subjects.size === 0)) continue;
    const outcome = does === 'no-change' ? 'no_change' : 'succeeded';
    return { outcome, attempts: attempt, subjects: [...subjects] };
  }
  return { outcome: 'failed', attempts: maxAttempts, subjects: [] };
}

function subjectsOf(id: string, does: Step['does'], attempt: number): string[] {
  switch (does) {
    case 'files':
    case 'stubborn':
    case 'limited':
    case 'child':
    case 'tracker':
    case 'deletes':
      return [`${id}: ${titleOf(id)}`];
    case 'commit':
      return [`${id} by its agent`];
    case 'red':
      return [`${id} red ${attempt}`];
    case 'nothing':
    case 'no-change':
    case 'blocked':
    case 'fail':
    case 'hang':
    case 'stall':
      return [];
  }
}
