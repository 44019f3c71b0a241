import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withFileLock } from '../../src/files/file-lock.js';
import { readLines } from './harness/agent-log.js';
import { alikeIssues, trackerLock } from './harness/backlog.js';
import { killGarland } from './harness/crash.js';
import { findJobProcesses } from './harness/processes.js';
import type { Project } from './harness/project.js';
import { waitFor } from './harness/wait-for.js';
import { withProject } from './harness/with-project.js';

const waiting = alikeIssues(4, { seconds: 'go', does: 'commit' });
const one = alikeIssues(1, { seconds: 0.1, does: 'commit' });

/** Milliseconds: bench/abort.mjs measures it; this only has to hold on a machine that is busy with other tests. */
const soon = 15_000;

it.concurrent('stops the agents from another terminal, gives the issues back, and the next run takes them up', async () => {
  await withProject({ kind: 'worktree', issues: waiting }, async (project) => {
    for (const tries of [1, 2]) {
      const run = project.run();
      await project.waitForStarts(4 * tries);
      const abort = project.garland('abort', '--json', '--reason', 'enough');
      await waitFor('no agent is left', () => findJobProcesses(project.dir).length === 0, { within: soon, every: 5 });
      expect(await abort.ended, abort.describe()).toEqual({ code: 0, signal: null });
      expect(await run.ended).toEqual({ code: 3, signal: null });
      expect(JSON.parse(abort.out)).toMatchObject({ outcome: 'aborted', abortReason: 'enough' });
      expect(run.events.at(-1)).toMatchObject({ event: 'run_finished', outcome: 'aborted' });
      expect(run.events.map(({ event }) => event)).not.toContain('no_more_issues');
      expectGivenBack(project);
    }
    project.letGo();
    expect(await project.runToEnd()).toEqual({ code: 0, signal: null });
    expect(project.landed()).toHaveLength(4);
  });
}, 180_000);

it.concurrent('kills agents that ignore SIGTERM after their grace', async () => {
  const issues = alikeIssues(2, { seconds: 'go', does: 'stubborn' });
  const settings = { agent: { stop_grace_ms: 1000 } };
  await withProject({ kind: 'directory', issues, settings }, async (project) => {
    const run = project.run();
    await project.waitForStarts(2);
    await waitFor('their traps are set', () => project.countWorking() === 2);
    const abort = project.garland('abort');
    await waitFor('no agent is left', () => findJobProcesses(project.dir).length === 0, { within: soon, every: 5 });
    expect(performance.now() - abort.typedAt).toBeGreaterThan(1000);
    await abort.ended;
    expect(await run.ended).toEqual({ code: 3, signal: null });
    expectGivenBack(project);
  });
}, 180_000);

it.concurrent('does the stopping itself when whoever ran the agents was killed', async () => {
  await withProject({ kind: 'worktree', issues: waiting }, async (project) => {
    project.run();
    await project.waitForStarts(4);
    await killGarland(project);
    const abort = project.garland('abort');
    expect(await abort.ended, abort.describe()).toEqual({ code: 0, signal: null });
    expect(findJobProcesses(project.dir)).toEqual([]);
    expectGivenBack(project);
  });
}, 180_000);

it.concurrent('goes on with it when whoever ran the agents is killed in the middle of it', async () => {
  const issues = alikeIssues(2, { seconds: 'go', does: 'stubborn' });
  const settings = { agent: { stop_grace_ms: 3000 } };
  await withProject({ kind: 'directory', issues, settings }, async (project) => {
    const run = project.run();
    await waitFor('their traps are set', () => project.countWorking() === 2);
    const abort = project.garland('abort');
    await run.waitForEvent('abort_requested');
    await run.kill('SIGKILL');
    expect(await abort.ended, abort.describe()).toEqual({ code: 0, signal: null });
    expect(findJobProcesses(project.dir)).toEqual([]);
    expectGivenBack(project);
  });
}, 180_000);

it.concurrent('stops a gate, and nothing of its work lands', async () => {
  await withProject({ kind: 'worktree', issues: one, gate: true }, async (project) => {
    writeFileSync(join(project.log, 'gate-seconds'), '600');
    const run = project.run();
    await waitFor('the gate runs', () => readLines(join(project.log, 'gates')).length === 1);
    const before = project.git('rev-parse', 'garland/integration');
    await abortAndCheck(project);
    await run.ended;
    expect(project.git('rev-parse', 'garland/integration')).toBe(before);
    // Its agent's work is kept, and lands with the next run.
    writeFileSync(join(project.log, 'gate-seconds'), '0');
    expect(await project.runToEnd()).toEqual({ code: 0, signal: null });
    expect(project.landed()).toEqual(['a-1 by its agent']);
  });
}, 180_000);

it.concurrent('stops a landing that waits for its turn, and the branch stays as it was', async () => {
  await withProject({ kind: 'worktree', issues: one, gate: true }, async (project) => {
    // Made by the first run, which finds nothing to do.
    expect(await project.runToEnd('--max-issues', '0')).toEqual({ code: 0, signal: null });
    const before = project.git('rev-parse', 'garland/integration');
    // Long enough for the lock to be taken before the landing is.
    writeFileSync(join(project.log, 'gate-seconds'), '3');
    let run = project.run();
    await run.waitForEvent('agent_started');
    await withFileLock(join(project.dir, '.garland', 'locks', 'landing.lock'), async () => {
      await waitFor('the gate has passed', () => readLines(join(project.log, 'gates')).length === 2);
      await abortAndCheck(project);
    });
    await run.ended;
    expect(project.git('rev-parse', 'garland/integration')).toBe(before);
    writeFileSync(join(project.log, 'gate-seconds'), '0');
    run = project.run();
    expect(await run.ended, run.describe()).toEqual({ code: 0, signal: null });
    expect(project.landed()).toEqual(['a-1 by its agent']);
  });
}, 180_000);

it.concurrent('leaves no claim when it comes during one', async () => {
  await withProject({ kind: 'worktree', issues: waiting }, async (project) => {
    let run = project.run();
    let abort = project.garland('status');
    await withFileLock(trackerLock(project.dir), async () => {
      await run.waitForEvent('run_started');
      await waitFor('it claims', async () => (await project.status())?.waitingFor.includes('tracker'));
      abort = project.garland('abort');
      await run.waitForEvent('abort_requested');
    });
    expect(await abort.ended, abort.describe()).toEqual({ code: 0, signal: null });
    expect(await run.ended).toEqual({ code: 3, signal: null });
    expect(project.agentLog().starts).toEqual([]);
    expectGivenBack(project);
    run = project.run('--max-issues', '0');
    expect(await run.ended).toEqual({ code: 0, signal: null });
  });
}, 180_000);

it.concurrent('ends a run that waits for a tracker that can not be read', async () => {
  await withProject({ kind: 'directory', issues: waiting }, async (project) => {
    const run = project.run('--max-agents', '5');
    await project.waitForStarts(4);
    const file = join(project.dir, '.beads', 'issues.jsonl');
    const lines = [...project.issues().values()].map((issue) => JSON.stringify(issue));
    writeFileSync(file, `${lines.join('\n')}\n{"id": broken\n`);
    await run.waitForEvent('warning', ({ message }) => message.includes('could not be read'));
    const abort = project.garland('abort');
    await waitFor('no agent is left', () => findJobProcesses(project.dir).length === 0, { within: soon });
    writeFileSync(file, `${lines.join('\n')}\n`);
    expect(await abort.ended, abort.describe()).toEqual({ code: 0, signal: null });
    expect(await run.ended).toEqual({ code: 3, signal: null });
    expectGivenBack(project);
  });
}, 180_000);

it.concurrent('counts once when it is given twice, the first reason for all', async () => {
  await withProject({ kind: 'directory', issues: waiting }, async (project) => {
    const run = project.run();
    await project.waitForStarts(4);
    const first = project.garland('abort', '--no-wait', '--reason', 'first');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    const others = [1, 2, 3].map(() => project.garland('abort', '--reason', 'later'));
    await Promise.all([run, ...others].map(({ ended }) => ended));
    // Whoever comes after the end is told so.
    for (const { end } of others) expect([0, 2]).toContain(end?.code);
    expect(run.end).toEqual({ code: 3, signal: null });
    expect(run.events.filter(({ event }) => event === 'abort_requested')).toHaveLength(1);
    expect(run.events.at(-1)).toMatchObject({ outcome: 'aborted', abortReason: 'first' });
    expectGivenBack(project);
  });
}, 180_000);

async function abortAndCheck(project: Project): Promise<void> {
  const abort = project.garland('abort');
  await waitFor('neither agent nor gate is left', () => findJobProcesses(project.dir).length === 0, { within: soon });
  expect(await abort.ended, abort.describe()).toEqual({ code: 0, signal: null });
  expectGivenBack(project);
}

/** As if they had never been started, but for the work that is kept. */
function expectGivenBack(project: Project): void {
  const left = [...project.issues().values()].map(({ status, labels, assignee, garland_claim: claim }) => ({
    status,
    labels,
    assignee,
    claim,
  }));
  expect(left).toEqual(left.map(() => ({ status: 'open', labels: [], assignee: undefined, claim: undefined })));
}
