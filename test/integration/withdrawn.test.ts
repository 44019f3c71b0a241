import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { editIssue, type BacklogIssue } from './harness/backlog.js';
import { withProject } from './harness/with-project.js';

it('stops what a person takes away, lands nothing of it and keeps its workspace, while it works and while it waits', async () => {
  const issues: BacklogIssue[] = [
    { id: 'a-1', steps: [{ seconds: 'go', does: 'commit' }] },
    { id: 'a-2', steps: [{ seconds: 0, does: 'limited' }] },
  ];
  await withProject({ kind: 'worktree', issues }, async (project) => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    writeFileSync(join(project.log, 'limited-until'), inAnHour);
    const run = project.run('--max-agents', '2');
    await project.waitForStarts(2);
    await run.waitForEvent('usage_limited');
    for (const id of ['a-1', 'a-2']) await editIssue(project.dir, id, { status: 'closed' });
    expect(await run.ended, run.describe()).toMatchObject({ code: 0 });

    const reason = 'somebody set it to closed';
    const withdrawn = run.events.filter((event) => event.event === 'issue_withdrawn');
    expect(withdrawn.toSorted((one, other) => one.id.localeCompare(other.id))).toMatchObject([
      { id: 'a-1', reason },
      { id: 'a-2', reason },
    ]);
    expect(run.events.at(-1)).toMatchObject({ outcome: 'completed', succeeded: [], failed: [] });
    expect(project.landed()).toEqual([]);
    expect(
      project
        .agentLog()
        .starts.map(({ id, end }) => `${id} ${end}`)
        .toSorted(),
    ).toEqual(['a-1 stopped', 'a-2 limited']);
    const { finished = [] } = (await project.status()) ?? {};
    for (const id of ['a-1', 'a-2']) {
      expect(project.issues().get(id)).toMatchObject({ status: 'closed' });
      const workspace = join(project.dir, '.garland', 'workspaces', id);
      expect(existsSync(workspace)).toBe(true);
      expect(finished).toContainEqual(expect.objectContaining({ id, outcome: 'aborted', workspace }));
    }
    // They go with the next run: there is nothing in them.
    expect(await project.runToEnd()).toMatchObject({ code: 0 });
  });
}, 120_000);
