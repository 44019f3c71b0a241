import { expect, it } from 'vitest';
import { alikeIssues } from '../integration/harness/backlog.js';
import { crash, killAgents } from '../integration/harness/crash.js';
import { expectNothingTwice } from '../integration/harness/end-state.js';
import type { GarlandProcess } from '../integration/harness/garland-process.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { withProject } from '../integration/harness/with-project.js';

const issues = alikeIssues(4, { seconds: 'go', does: 'commit' });
const settings = { agent: { max_concurrent_agents: 2, max_attempts: 2 } };
const landed = ['a-1 by its agent', 'a-2 by its agent', 'a-3 by its agent', 'a-4 by its agent'];

it.concurrent('takes the run up within 15 s when `garland run` is typed again after it and the server were killed', async () => {
  await withProject({ kind: 'worktree', issues, settings, ownServer: true }, async (project) => {
    const run = project.run();
    const [first] = await project.waitForStarts(2);
    const { runId } = await run.waitForEvent('run_started');
    await crash(project, 'both');
    project.letGo();
    await waitFor('they ended alone', () => project.agentLog().starts.every(({ end }) => end === 'commit'));

    const again = project.run();
    await again.waitForEvent('agent_started', ({ id }) => id === 'a-3');
    const decision = again.events.findIndex((event) => event.event === 'agent_started' && event.id === 'a-3');
    expect(again.events[0]).toMatchObject({ event: 'run_started', runId });
    expect(again.err).toContain('joining it');
    expect(again.delayOf(decision)).toBeLessThan(15_000);
    console.log(`attached after ${seconds(again, 0)} s, next decision after ${seconds(again, decision)} s`);

    expect(await again.ended).toEqual({ code: 0, signal: null });
    expectNothingTwice(project);
    expect(first?.runId).toBe(runId);
    expect(project.landed()).toEqual(landed);
  });
}, 180_000);

it.concurrent('tries again what was lost when everything died, agents and their wrappers too', async () => {
  await withProject({ kind: 'worktree', issues, settings, ownServer: true }, async (project) => {
    project.run();
    await project.waitForStarts(2);
    await crash(project, 'everything');
    project.letGo();

    const again = project.run();
    expect(await again.ended).toEqual({ code: 0, signal: null });
    const finished = again.events.filter((event) => event.event === 'agent_finished');
    const outcomesOf = (id: string) => finished.filter((event) => event.id === id).map(({ outcome }) => outcome);
    expect(outcomesOf('a-1')).toEqual(['lost', 'succeeded']);
    expect(outcomesOf('a-2')).toEqual(['lost', 'succeeded']);
    expect(outcomesOf('a-3')).toEqual(['succeeded']);
    expectNothingTwice(project);
    expect(project.landed()).toEqual(landed);
  });
}, 180_000);

it.concurrent('tries again what was lost when only an agent was killed, while the run goes on', async () => {
  await withProject({ kind: 'worktree', issues, settings }, async (project) => {
    const run = project.run();
    await project.waitForStarts(2);
    await killAgents(project);
    await run.waitForEvent('agent_finished', ({ outcome }) => outcome === 'lost');
    project.letGo();
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expectNothingTwice(project);
    expect(project.landed()).toEqual(landed);
  });
}, 180_000);

it.concurrent('goes on by itself when only the server was killed', async () => {
  await withProject({ kind: 'worktree', issues, settings, ownServer: true }, async (project) => {
    const run = project.run();
    await project.waitForStarts(2);
    await crash(project, 'server');
    project.letGo();
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(run.events.map(({ seq }) => seq)).toEqual(run.events.map((_, index) => index + 1));
    expectNothingTwice(project);
    expect(project.landed()).toEqual(landed);
  });
}, 180_000);

function seconds(garland: GarlandProcess, index: number): string {
  return (garland.delayOf(index) / 1000).toFixed(1);
}
