import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readLines } from './harness/agent-log.js';
import type { BacklogIssue } from './harness/backlog.js';
import { expectNothingTwice } from './harness/end-state.js';
import type { Project } from './harness/project.js';
import { waitFor } from './harness/wait-for.js';
import { withProject } from './harness/with-project.js';

const issues: BacklogIssue[] = [
  { id: 'e-1', type: 'epic' },
  { id: 'a-1', parent: 'e-1', steps: [{ seconds: 0, does: 'commit' }] },
];
const settings = {
  agent: { max_attempts: 1, max_concurrent_agents: 1 },
  polling: { interval_ms: 500, give_up_after_ms: 1_000 },
};

/** Takes the tracker away while the gate of a landing runs; the landing itself needs none. */
async function loseTracker(project: Project): Promise<() => void> {
  const folder = join(project.dir, '.beads');
  await waitFor('the gate runs', () => readLines(join(project.log, 'gates')).length === 1);
  renameSync(folder, `${folder}-away`);
  return () => renameSync(`${folder}-away`, folder);
}

it('closes what had landed when the tracker was gone with the next run, and runs nothing of it again', async () => {
  await withProject({ kind: 'worktree', issues, settings, gate: true }, async (project) => {
    writeFileSync(join(project.log, 'gate-seconds'), 'go');
    const run = project.run();
    const giveBack = await loseTracker(project);
    writeFileSync(join(project.log, 'gate-go'), '');
    expect(await run.ended, run.describe()).toMatchObject({ code: 3 });
    expect(run.events.find((event) => event.event === 'issue_finalized')).toMatchObject({
      id: 'a-1',
      outcome: 'failed',
      reason: expect.stringMatching(
        /^landed on garland\/integration as .*; but the tracker can't be written: .*no such file/,
      ),
    });
    expect(project.landed()).toEqual(['a-1 by its agent']);

    giveBack();
    expect(project.issues().get('a-1')).toMatchObject({ status: 'in_progress' });
    const next = project.run();
    expect(await next.ended, next.describe()).toMatchObject({ code: 0 });
    expect(next.events.filter((event) => event.event === 'warning')).toMatchObject([
      { message: 'a-1 is done now, which could not be written before; closed e-1 with it' },
      expect.anything(),
    ]);
    expect(project.issues().get('a-1')).toMatchObject({ status: 'closed' });
    expect(project.issues().get('e-1')).toMatchObject({ status: 'closed' });
    expectNothingTwice(project);
    expect(project.agentLog().starts).toHaveLength(1);
    expect(project.landed()).toEqual(['a-1 by its agent']);
  });
}, 120_000);
