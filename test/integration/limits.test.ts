import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BacklogIssue, Step } from './harness/backlog.js';
import { expectOutcomes } from './harness/expected.js';
import type { Project } from './harness/project.js';
import { withProject } from './harness/with-project.js';

interface Case {
  worktree: boolean;
  slots: number;
  maxAttempts: 1 | 2;
  issues: BacklogIssue[];
}

/** More of them: GARLAND_CASES=200. The seed makes them the same each time. */
const cases = fc.sample(arbitraryCase(), { seed: 20_261, numRuns: Number(process.env['GARLAND_CASES'] ?? 16) });

describe('backlogs at random', () => {
  it.concurrent.each(cases.map((one, index) => ({ number: index + 1, ...one })))(
    'keeps its promises: case $number, $slots slots, worktrees: $worktree',
    async ({ worktree, slots, maxAttempts, issues }) => {
      const kind = worktree ? 'worktree' : 'directory';
      const settings = { agent: { max_concurrent_agents: slots, max_attempts: maxAttempts } };
      await withProject({ kind, issues, settings, gate: true }, async (project) => {
        const run = project.run();
        const { code } = await run.ended;
        const expected = expectOutcomes(issues, { maxAttempts, worktree });
        const hasFailed = [...expected.values()].some(({ outcome }) => outcome === 'failed');
        expect(code, run.describe()).toBe(hasFailed ? 1 : 0);

        const finalized = run.events.filter((event) => event.event === 'issue_finalized');
        expect(finalized.map(({ id }) => id).toSorted(), 'one outcome for each').toEqual(
          [...expected.keys()].toSorted(),
        );
        expect(finalized.map(({ id, outcome }) => [id, outcome])).toEqual(
          finalized.map(({ id }) => [id, expected.get(id)?.outcome]),
        );
        expect(run.events.map(({ seq }) => seq)).toEqual(run.events.map((_, index) => index + 1));

        expectAgents(project, expected, slots);
        expectTracker(project, issues, expected);
        const subjects = [...expected.values()].flatMap((each) => each.subjects);
        if (worktree) expect(project.landed(), 'landed').toEqual(subjects.toSorted());
      });
    },
    180_000,
  );
});

function expectAgents(project: Project, expected: ReturnType<typeof expectOutcomes>, slots: number): void {
  const { starts, mostAtOnce, overlaps } = project.agentLog();
  expect(mostAtOnce).toBeLessThanOrEqual(slots);
  expect(overlaps, 'two agents for one issue').toEqual([]);
  const wanted = [...expected].flatMap(([id, { attempts }]) =>
    Array.from({ length: attempts }, (_, index) => `${id} ${index + 1}`),
  );
  expect(starts.map(({ id, attempt }) => `${id} ${attempt}`).toSorted(), 'each attempt once').toEqual(
    wanted.toSorted(),
  );
}

function expectTracker(project: Project, issues: BacklogIssue[], expected: ReturnType<typeof expectOutcomes>): void {
  const tracker = project.issues();
  const isClosed = (id: string) => tracker.get(id)?.status === 'closed';
  for (const { id, type } of issues) {
    const found = tracker.get(id);
    expect(found?.garland_claim, `${id} is claimed`).toBeUndefined();
    if (type === 'epic') {
      const children = issues.filter(({ parent }) => parent === id).map((child) => child.id);
      expect([id, isClosed(id)]).toEqual([id, children.length > 0 && children.every(isClosed)]);
      continue;
    }
    const outcome = expected.get(id)?.outcome;
    const accepted = outcome === 'succeeded' || outcome === 'no_change';
    expect([id, found?.status]).toEqual([id, accepted ? 'closed' : 'open']);
    expect([id, found?.labels.includes('needs-followup')]).toEqual([id, outcome === 'failed']);
  }
}

function arbitraryCase(): fc.Arbitrary<Case> {
  const slots = fc.integer({ min: 1, max: 4 });
  const maxAttempts = fc.constantFrom<(1 | 2)[]>(1, 2);
  const of = (worktree: boolean) =>
    fc.record({ worktree: fc.constant(worktree), slots, maxAttempts, issues: arbitraryIssues(worktree) });
  return fc.oneof(of(true), of(false));
}

/** Two epics, and issues that may belong to one and wait for ones before them. */
function arbitraryIssues(worktree: boolean): fc.Arbitrary<BacklogIssue[]> {
  const issue = fc.record({
    steps: fc.array(arbitraryStep(worktree), { minLength: 1, maxLength: 2 }),
    parent: fc.constantFrom(undefined, 'e-1', 'e-2'),
    blockers: fc.uniqueArray(fc.nat({ max: 20 }), { maxLength: 1 }),
  });
  const epics: BacklogIssue[] = [
    { id: 'e-1', type: 'epic' },
    { id: 'e-2', type: 'epic' },
  ];
  return fc.array(issue, { minLength: 1, maxLength: 7 }).map((list) => [
    ...epics,
    ...list.map(({ steps, parent, blockers }, index) => ({
      id: `a-${index + 1}`,
      steps,
      ...(parent !== undefined && { parent }),
      blockers: blockers.filter((before) => before < index).map((before) => `a-${before + 1}`),
    })),
  ]);
}

function arbitraryStep(worktree: boolean): fc.Arbitrary<Step> {
  const weighted: [number, Step['does']][] = [
    [5, 'files'],
    [worktree ? 4 : 0, 'commit'],
    [2, 'red'],
    [1, 'nothing'],
    [1, 'no-change'],
    [1, 'blocked'],
    [2, 'fail'],
  ];
  return fc.record({
    seconds: fc.integer({ min: 5, max: 30 }).map((hundredths) => hundredths / 100),
    does: fc.oneof(...weighted.map(([weight, does]) => ({ weight, arbitrary: fc.constant(does) }))),
  });
}
