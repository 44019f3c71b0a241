import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { BacklogIssue } from '../integration/harness/backlog.js';
import { crash, VICTIMS } from '../integration/harness/crash.js';
import { expectNothingTwice, readEndState, type EndState } from '../integration/harness/end-state.js';
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

/** What happens to a run: a kill, or a person who aborts it. */
const DISTURBANCES = [...VICTIMS, 'abort'] as const;

/** One for each disturbance; more: GARLAND_MOMENTS=25. The seed makes them the same each time. */
const count = Number(process.env['GARLAND_MOMENTS'] ?? DISTURBANCES.length);
const shares = fc.sample(fc.noBias(fc.integer({ min: 0, max: 1000 })), { seed: 20_262, numRuns: count });
const moments = shares.map((share, index) => ({
  disturbance: DISTURBANCES[index % DISTURBANCES.length]!,
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
}, 180_000);

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
  'comes to the same end after $disturbance at $share of the run',
  async ({ disturbance, share }) => {
    await withProject({ ...options, ownServer: true }, async (project) => {
      const run = project.run();
      await sleep(share * runMs);
      if (disturbance === 'abort') await project.garland('abort').ended;
      else await crash(project, disturbance);
      // Without its server, or with an abort that came before there was a run, it goes on by itself.
      if (disturbance === 'server' || disturbance === 'abort') await run.ended;
      // Whatever it had come to, this finds nothing more to do, or does it.
      const last = run.end?.code === 1 ? run : project.run();
      const { code } = await last.ended;
      expect([0, 1], last.describe()).toContain(code);
      expectNothingTwice(project);
      expect(project.agentLog().mostAtOnce).toBeLessThanOrEqual(3);
      expect(readEndState(project), run.describe()).toEqual(undisturbed);
    });
  },
  120_000,
);
