import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readLines } from '../integration/harness/agent-log.js';
import type { BacklogIssue } from '../integration/harness/backlog.js';
import { crash } from '../integration/harness/crash.js';
import { expectNothingTwice } from '../integration/harness/end-state.js';
import type { Project } from '../integration/harness/project.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { withProject } from '../integration/harness/with-project.js';

/** One slot, and no poll of which a crash in the middle would have to be told. */
const settings = {
  agent: { max_concurrent_agents: 1, max_attempts: 3, max_retry_backoff_ms: 60_000 },
  polling: { interval_ms: 600_000 },
};

/** What `garland status` shows: due times, counts, reasons, and all that has happened. */
async function look(project: Project) {
  return { state: await project.status(), events: await project.readEvents() };
}

it.concurrent('waits for the same attempt at the same time after worker and server were killed in a backoff', async () => {
  const issues: BacklogIssue[] = [
    {
      id: 'a-1',
      steps: [
        { seconds: 0, does: 'fail' },
        { seconds: 0, does: 'commit' },
      ],
    },
    // Takes the slot meanwhile, and keeps it: however slow the machine is, the planned attempt can be looked at.
    { id: 'a-2', steps: [{ seconds: 'go', does: 'commit' }] },
  ];
  await withProject({ kind: 'worktree', issues, settings, ownServer: true }, async (project) => {
    const run = project.run();
    const { dueAt } = await run.waitForEvent('retry_scheduled');
    await project.waitForStarts(2);
    const before = await look(project);
    expect(before.state).toMatchObject({
      active: [{ id: 'a-2', attempt: 1 }],
      retries: [{ id: 'a-1', attempt: 2, dueAt, reason: 'exit 3' }],
    });
    const [failed] = before.events.filter((event) => event.event === 'agent_finished');
    expect(Date.parse(dueAt) - Date.parse(failed?.time ?? '')).toBe(10_000);

    await crash(project, 'both');
    const again = project.run();
    await again.waitForEvent('retry_scheduled');
    expect(await look(project)).toEqual(before);

    project.letGo();
    expect(await again.ended, again.describe()).toEqual({ code: 0, signal: null });
    const second = again.events.find((event) => event.event === 'agent_started' && event.attempt === 2);
    expect(Date.parse(second?.time ?? '')).toBeGreaterThanOrEqual(Date.parse(dueAt));
    expectNothingTwice(project);
    expect(project.landed()).toEqual(['a-1 by its agent', 'a-2 by its agent']);
  });
}, 180_000);

const limited: BacklogIssue[] = [
  { id: 'a-1', steps: [{ seconds: 0, does: 'limited' }] },
  { id: 'a-2', steps: [{ seconds: 0, does: 'commit' }] },
];

/** The limit that the agent will tell of. */
function limitFor(project: Project, seconds: number): string {
  const until = new Date(Math.ceil(Date.now() / 1_000 + seconds) * 1_000).toISOString();
  writeFileSync(join(project.log, 'limited-until'), until);
  return until;
}

it.concurrent('waits for the end of the same usage limit after worker and server were killed', async () => {
  await withProject({ kind: 'worktree', issues: limited, settings, ownServer: true }, async (project) => {
    const until = limitFor(project, 3_600);
    const run = project.run();
    expect(await run.waitForEvent('usage_limited')).toMatchObject({ id: 'a-1', until });
    const before = await look(project);
    expect(before.state).toMatchObject({
      active: [],
      retries: [{ id: 'a-1', attempt: 1, dueAt: until, reason: `limited until ${until}` }],
      waitingFor: expect.stringContaining(until),
    });

    await crash(project, 'both');
    const again = project.run();
    await again.waitForEvent('usage_limited');
    expect(await look(project)).toEqual(before);
    await project.garland('abort').ended;
    expect(await again.ended, again.describe()).toEqual({ code: 3, signal: null });
  });
}, 180_000);

it.concurrent('goes on by itself when a usage limit has ended, however dead worker and server were meanwhile', async () => {
  await withProject({ kind: 'worktree', issues: limited, settings, ownServer: true }, async (project) => {
    const until = limitFor(project, 25);
    const run = project.run();
    await run.waitForEvent('usage_limited');
    await crash(project, 'both');
    const again = project.run();
    expect(await again.ended, again.describe()).toEqual({ code: 0, signal: null });
    expect(again.events.slice(0, run.events.length)).toEqual(run.events);
    const starts = again.events.filter((event) => event.event === 'agent_started');
    expect(starts.map(({ id, attempt }) => `${id} ${attempt}`)).toEqual(['a-1 1', 'a-1 1', 'a-2 1']);
    expect(Math.min(...starts.slice(1).map(({ time }) => Date.parse(time)))).toBeGreaterThanOrEqual(Date.parse(until));
    expect(project.agentLog().overlaps).toEqual([]);
    expect(project.landed()).toEqual(['a-1: Title of a-1', 'a-2 by its agent']);
  });
}, 180_000);

it.concurrent.each(['while everything is dead', 'after the next run has taken it up'])(
  'runs a gate once that ends %s, and takes its result',
  async (moment) => {
    const issues: BacklogIssue[] = [{ id: 'a-1', steps: [{ seconds: 0, does: 'commit' }] }];
    await withProject({ kind: 'worktree', issues, settings, gate: true, ownServer: true }, async (project) => {
      const gates = () => readLines(join(project.log, 'gates')).map((line) => line.split(' ')[0]);
      const letGateGo = () => writeFileSync(join(project.log, 'gate-go'), '');
      writeFileSync(join(project.log, 'gate-seconds'), 'go');
      project.run();
      await waitFor('the gate runs', () => gates().length === 1);
      const before = await look(project);
      expect(before.state?.active).toMatchObject([{ id: 'a-1', attempt: 1, phase: 'verifying' }]);

      await crash(project, 'both');
      if (moment === 'while everything is dead') {
        letGateGo();
        await waitFor('the gate has ended', () => gates().length === 2);
      }
      const again = project.run();
      if (moment !== 'while everything is dead') {
        await again.waitForEvent('agent_finished');
        expect(await look(project)).toEqual(before);
        letGateGo();
      }
      expect(await again.ended, again.describe()).toEqual({ code: 0, signal: null });
      expect(gates()).toEqual(['start', 'end']);
      expect(again.events.slice(0, before.events.length)).toEqual(before.events);
      expect(project.landed()).toEqual(['a-1 by its agent']);
    });
  },
  180_000,
);
