import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { alikeIssues } from './harness/backlog.js';
import { expectNothingTwice } from './harness/end-state.js';
import { findJobProcesses } from './harness/processes.js';
import { withProject } from './harness/with-project.js';

const quick = alikeIssues(4, { seconds: 0.2, does: 'commit' });
const waiting = alikeIssues(3, { seconds: 'go', does: 'commit' });

it('makes one run of two `garland run` at the same time, and both tell all of it', async () => {
  const settings = { agent: { max_concurrent_agents: 2 } };
  await withProject({ kind: 'worktree', issues: quick, settings }, async (project) => {
    const runs = [project.run(), project.run()] as const;
    for (const run of runs) expect(await run.ended, run.describe()).toEqual({ code: 0, signal: null });
    expect(runs[0].events).toEqual(runs[1].events);
    expect(runs.filter(({ err }) => err.includes('joining it'))).toHaveLength(1);
    expectNothingTwice(project);
    expect(project.agentLog().mostAtOnce).toBeLessThanOrEqual(2);
    expect(project.landed()).toHaveLength(4);
  });
}, 180_000);

it('answers several who ask at the same time, worker or not', async () => {
  await withProject({ kind: 'worktree', issues: waiting }, async (project) => {
    const run = project.run();
    await project.waitForStarts(3);
    const ask = async () => {
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => project.status()));
      expect(answers.map((answer) => answer?.active.length)).toEqual([3, 3, 3, 3, 3]);
    };
    await ask();
    await run.kill('SIGKILL');
    await ask();
    expect(findJobProcesses(project.dir)).not.toEqual([]);
    project.letGo();
    expect(await project.runToEnd()).toEqual({ code: 0, signal: null });
    expectNothingTwice(project);
    expect(project.landed()).toHaveLength(3);
  });
}, 180_000);

it('comes through an abort that races with a start', async () => {
  await withProject({ kind: 'worktree', issues: quick }, async (project) => {
    const run = project.run();
    const aborts = [1, 2].map(() => project.garland('abort'));
    await Promise.all([run, ...aborts].map(({ ended }) => ended));
    const wasAborted = run.events.some(({ event }) => event === 'abort_requested');
    expect(run.end?.code, run.describe()).toBe(wasAborted ? 3 : 0);
    for (const { end } of aborts) expect([0, 2]).toContain(end?.code);
    expect(findJobProcesses(project.dir)).toEqual([]);

    expect(await project.runToEnd()).toEqual({ code: 0, signal: null });
    expect([...project.issues().values()].map(({ status }) => status)).toEqual([
      'closed',
      'closed',
      'closed',
      'closed',
    ]);
    expectNothingTwice(project);
    expect(project.landed()).toHaveLength(4);
  });
}, 180_000);

it('refuses a run of the same name from another folder, and leaves the one that goes on alone', async () => {
  await withProject({ kind: 'worktree', issues: waiting }, async (project) => {
    const other = join(project.top, 'elsewhere', 'project');
    mkdirSync(join(project.top, 'elsewhere'));
    cpSync(project.dir, other, { recursive: true });
    const run = project.run();
    await project.waitForStarts(3);
    for (const command of ['run', 'start']) {
      const refused = project.garlandIn(other, command);
      expect(await refused.ended, refused.describe()).toEqual({ code: 2, signal: null });
      expect(refused.err).toContain(`going on in another folder, ${project.dir}`);
      const [choice, ...said] = refused.err.trim().split('\n');
      expect(choice).toContain('tracker: beads-jsonl');
      expect(said).toHaveLength(1);
    }
    project.letGo();
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(project.agentLog().starts).toHaveLength(3);
  });
}, 180_000);

it('says that there is no run', async () => {
  await withProject({ kind: 'directory', issues: quick }, async (project) => {
    const status = project.garland('status');
    expect(await status.ended).toEqual({ code: 0, signal: null });
    expect(status.out).toBe(`no run of ${project.name} on this server\n`);
    expect(await project.status()).toBeNull();
    const abort = project.garland('abort');
    expect(await abort.ended).toEqual({ code: 2, signal: null });
    expect(abort.err).toBe(`garland: no run of ${project.name} is going on, so there is nothing to abort\n`);
    const drain = project.garland('drain');
    expect(await drain.ended).toEqual({ code: 2, signal: null });
  });
}, 180_000);
