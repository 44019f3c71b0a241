import { expect, it } from 'vitest';
import { alikeIssues } from '../integration/harness/backlog.js';
import { expectNothingTwice } from '../integration/harness/end-state.js';
import { findJobProcesses } from '../integration/harness/processes.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { withProject } from '../integration/harness/with-project.js';

const issues = alikeIssues(3, { seconds: 'go', does: 'commit' });
const settings = { agent: { max_concurrent_agents: 2 } };

it.concurrent.each(['SIGTERM', 'SIGHUP'] as const)(
  'leaves agents to the next `garland run` on %s',
  async (signal) => {
    await withProject({ kind: 'worktree', issues, settings }, async (project) => {
      const run = project.run();
      const { runId } = await run.waitForEvent('run_started');
      await project.waitForStarts(2);
      expect(await run.kill(signal)).toEqual({ code: 130, signal: null });
      expect(run.err).toContain('the run and its agents go on');
      expect(findJobProcesses(project.dir)).not.toEqual([]);
      expect((await project.status())?.active).toHaveLength(2);

      const next = project.run();
      expect((await next.waitForEvent('run_started')).runId).toBe(runId);
      project.letGo();
      expect(await next.ended, next.describe()).toEqual({ code: 0, signal: null });
      expectNothingTwice(project);
      expect(project.agentLog().starts.map(({ end }) => end)).toEqual(['commit', 'commit', 'commit']);
      expect(project.landed()).toHaveLength(3);
    });
  },
  120_000,
);

it.concurrent('leaves agents to the next `garland worker` on SIGTERM', async () => {
  await withProject({ kind: 'worktree', issues, settings }, async (project) => {
    await project.garland('start').ended;
    const worker = project.garland('worker');
    await project.waitForStarts(2);
    expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(findJobProcesses(project.dir)).not.toEqual([]);

    const next = project.garland('worker');
    project.letGo();
    await waitFor('the run has ended', () => next.out.includes('no run is going on'));
    expect(await next.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expectNothingTwice(project);
    expect(project.agentLog().starts.map(({ end }) => end)).toEqual(['commit', 'commit', 'commit']);
    expect(project.landed()).toHaveLength(3);
  });
}, 180_000);

it.concurrent('hands agents over to a worker that is there already within seconds, and none of them notices', async () => {
  await withProject({ kind: 'worktree', issues, settings }, async (project) => {
    await project.garland('start').ended;
    const worker = project.garland('worker');
    await project.waitForStarts(2);
    const next = project.garland('worker');
    await waitFor('the next one works', () => next.out.includes('2 active'));
    // What they sleep with comes and goes.
    const findAgents = () => findJobProcesses(project.dir).filter(({ command }) => !command.startsWith('sleep'));
    const agents = findAgents();
    expect(agents).not.toEqual([]);

    const toldAt = Date.now();
    expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(findAgents()).toEqual(agents);
    project.letGo();
    await waitFor('the run has ended', () => next.out.includes('no run is going on'));
    expect(await next.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expectNothingTwice(project);
    expect(project.agentLog().starts.map(({ end }) => end)).toEqual(['commit', 'commit', 'commit']);
    const [first] = (await project.readEvents()).filter(({ event }) => event === 'agent_finished');
    const seconds = (Date.parse(first?.time ?? '') - toldAt) / 1000;
    console.log(`an agent's end was seen ${seconds} s after the SIGTERM`);
    // A worker that is killed is missed after 8 s: it isn't that which was waited for.
    expect(seconds).toBeLessThan(8);
  });
}, 180_000);

it.concurrent('drains on the first SIGINT, and stops the agents on the second', async () => {
  await withProject({ kind: 'worktree', issues, settings }, async (project) => {
    const run = project.run();
    await project.waitForStarts(2);
    run.interrupt();
    await waitFor('it is told', () => run.err.includes('nothing new starts'));
    expect(findJobProcesses(project.dir)).not.toEqual([]);
    run.interrupt();
    expect(await run.ended).toEqual({ code: 3, signal: null });
    expect(findJobProcesses(project.dir)).toEqual([]);
    expect([...project.issues().values()].map(({ status }) => status)).toEqual(['open', 'open', 'open']);
  });
}, 180_000);
