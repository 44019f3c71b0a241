import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { BacklogIssue } from '../integration/harness/backlog.js';
import { crash, VICTIMS, type Victim } from '../integration/harness/crash.js';
import { expectNothingTwice, readEndState, type EndState } from '../integration/harness/end-state.js';
import type { Project } from '../integration/harness/project.js';
import { withProject } from '../integration/harness/with-project.js';

const issues: BacklogIssue[] = [
  { id: 'e-1', type: 'epic' },
  { id: 'a-1', parent: 'e-1', steps: [{ seconds: 0.5, does: 'commit' }] },
  { id: 'a-2', parent: 'e-1', blockers: ['a-1'], steps: [{ seconds: 0.4, does: 'files' }] },
  { id: 'a-3', steps: [{ seconds: 0.5, does: 'files' }] },
  { id: 'a-4', steps: [{ seconds: 0.3, does: 'red' }] },
  { id: 'a-5', steps: [{ seconds: 0.6, does: 'commit' }] },
  { id: 'a-6', steps: [{ seconds: 0.5, does: 'no-change' }] },
];
const options = {
  kind: 'worktree',
  issues,
  gate: true,
  settings: { agent: { max_concurrent_agents: 3, max_attempts: 3 } },
} as const;

/** One for each kind of victim; all of them: GARLAND_MOMENTS=20. The seed makes them the same each time. */
const count = Number(process.env['GARLAND_MOMENTS'] ?? VICTIMS.length);
const shares = fc.sample(fc.integer({ min: 0, max: 1000 }), { seed: 20_262, numRuns: count });
const moments = shares.map((share, index) => ({
  victim: VICTIMS[index % VICTIMS.length]!,
  /** Of the time that an undisturbed run takes. */
  share: share / 1000,
}));

let undisturbed: EndState;
let runMs: number;

beforeAll(async () => {
  await withProject({ ...options, ownServer: true }, async (project) => {
    const run = project.run();
    await run.ended;
    runMs = performance.now() - run.typedAt;
    undisturbed = readEndState(project);
  });
}, 120_000);

it('has an undisturbed run to compare with', () => {
  const closed = Object.entries(undisturbed.issues).filter(([, { status }]) => status === 'closed');
  expect(closed.map(([id]) => id)).toEqual(['e-1', 'a-1', 'a-2', 'a-3', 'a-5', 'a-6']);
  expect(undisturbed.landed).toEqual([
    'a-1 by its agent',
    'a-2: Title of a-2',
    'a-3: Title of a-3',
    'a-5 by its agent',
  ]);
});

it.each(moments)(
  'comes to the same end when $victim is killed at $share of the run',
  async ({ victim, share }) => {
    await withProject({ ...options, ownServer: true }, async (project) => {
      const run = project.run();
      await sleep(share * runMs);
      await crash(project, victim);
      await takeToItsEnd(project, victim);
      expectNothingTwice(project);
      expect(project.agentLog().mostAtOnce).toBeLessThanOrEqual(3);
      expect(readEndState(project), run.describe()).toEqual(undisturbed);
    });
  },
  120_000,
);

/** A run whose server alone was killed goes on by itself, unless that was still starting. */
async function takeToItsEnd(project: Project, victim: Victim): Promise<void> {
  const [run] = project.garlands;
  if (victim === 'server') await run?.ended;
  const last = run?.end?.code === 0 || run?.end?.code === 1 ? run : project.run();
  const { code } = await last.ended;
  // 0: the one that was killed had just settled everything, and nothing was left to do.
  expect([0, 1], last.describe()).toContain(code);
}
