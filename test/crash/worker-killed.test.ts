import { expect, it } from 'vitest';
import type { BacklogIssue } from '../integration/harness/backlog.js';
import { expectNothingTwice } from '../integration/harness/end-state.js';
import { findJobProcesses } from '../integration/harness/processes.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { withProject } from '../integration/harness/with-project.js';

const issues: BacklogIssue[] = [
  { id: 'slow', steps: [{ seconds: 'go', does: 'commit' }] },
  { id: 'well', steps: [{ seconds: 1, does: 'files' }] },
  { id: 'badly', steps: [{ seconds: 1, does: 'fail' }] },
  { id: 'later', blockers: ['well'], steps: [{ seconds: 0.1, does: 'files' }] },
];
const settings = { agent: { max_attempts: 1 } };

it('leaves agents running when the worker is killed, and the next worker takes their real ends', async () => {
  await withProject({ kind: 'worktree', issues, settings, gate: true }, async (project) => {
    await project.garland('start').ended;
    const worker = project.garland('worker');
    await project.waitForStarts(3);
    await worker.kill('SIGKILL');
    await waitFor('two ended without a worker', () => project.agentLog().starts.filter(({ end }) => end).length === 2);
    expect(findJobProcesses(project.dir)).not.toEqual([]);
    expect([...project.issues().values()].map(({ status }) => status)).not.toContain('closed');

    const next = project.garland('worker');
    await waitFor('what waited for one of them has started', () => project.agentLog().starts.length === 4);
    project.letGo();
    await waitFor('the run has ended', () => next.out.includes('no run is going on'));
    expect(await next.kill('SIGTERM')).toMatchObject({ code: 0 });

    expectNothingTwice(project);
    expect(project.agentLog().starts.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
    const outcomes = (await project.readEvents()).filter((event) => event.event === 'agent_finished');
    expect(Object.fromEntries(outcomes.map(({ id, outcome }) => [id, outcome]))).toEqual({
      slow: 'succeeded',
      well: 'succeeded',
      badly: 'failed',
      later: 'succeeded',
    });
    expect(outcomes.find(({ id }) => id === 'well')?.seconds).toBeLessThan(5);
    expect(project.landed()).toEqual(['later: Title of later', 'slow by its agent', 'well: Title of well']);
  });
}, 180_000);
