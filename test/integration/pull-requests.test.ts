import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitIn } from '../workspaces/project.js';
import type { BacklogIssue } from './harness/backlog.js';
import type { Project } from './harness/project.js';
import { waitFor } from './harness/wait-for.js';
import { withProject } from './harness/with-project.js';

const ISSUES: BacklogIssue[] = [
  { id: 'a', steps: [{ seconds: 0, does: 'commit' }] },
  { id: 'b', blockers: ['a'], steps: [{ seconds: 0, does: 'commit' }] },
];

/** A bare repository as the remote, and somebody else's clone of it. */
function addRemote(project: Project) {
  const [bare, other] = ['remote.git', 'other'].map((name) => join(project.top, name)) as [string, string];
  gitIn(project.dir, 'clone', '--quiet', '--bare', project.dir, bare);
  project.git('remote', 'add', 'origin', bare);
  gitIn(project.top, 'clone', '--quiet', bare, other);
  const merge = (id: string): void => {
    gitIn(other, 'fetch', '--quiet');
    gitIn(other, 'merge', '--quiet', '--no-ff', `origin/garland/issue/${id}`);
    gitIn(other, 'push', '--quiet', 'origin', 'main');
  };
  return { bare, merge };
}

const PR = { land: { strategy: 'pr' } };

test('a run that watches goes on with what depends on an issue once that is merged', async () => {
  await withProject({ kind: 'worktree', issues: ISSUES, settings: PR }, async (project) => {
    const { bare, merge } = addRemote(project);
    const run = project.run('--watch');
    const { outcome, reason } = await run.waitForEvent('issue_finalized', ({ id }) => id === 'a');
    expect(outcome).toBe('succeeded');
    expect(reason).toMatch(/^pushed to origin on garland\/issue\/a as \w{12}; waits to be merged$/);
    expect(project.issues().get('a')).toMatchObject({ status: 'open', labels: ['in-review'] });
    merge('a');
    await run.waitForEvent('issue_finalized', ({ id }) => id === 'b');
    expect(project.issues().get('a')).toMatchObject({ status: 'closed', labels: [] });
    // It has begun from what was merged.
    expect(gitIn(bare, 'log', '--format=%p', '-1', 'garland/issue/b~1').split(' ')).toHaveLength(2);
    await project.garland('drain').ended;
    expect((await run.ended).code).toBe(0);
    // The next run, or anybody who watches, closes the other.
    merge('b');
    expect((await project.runToEnd()).code).toBe(0);
    expect(project.issues().get('b')).toMatchObject({ status: 'closed' });
    expect(project.agentLog().starts.map(({ id }) => id)).toEqual(['a', 'b']);
  });
}, 180_000);

test('a push in the middle of which garland dies is finished by the next, and nothing is done twice', async () => {
  await withProject({ kind: 'worktree', issues: ISSUES.slice(0, 1), settings: PR }, async (project) => {
    const { bare } = addRemote(project);
    const [begun, go] = ['begun', 'go-on'].map((name) => join(project.top, name)) as [string, string];
    const hook = join(bare, 'hooks/pre-receive');
    writeFileSync(hook, `#!/bin/sh\necho push >> '${begun}'\nuntil [ -e '${go}' ]; do sleep 0.05; done\n`);
    chmodSync(hook, 0o755);
    const run = project.run();
    await waitFor('the push has begun', () => existsSync(begun));
    await run.kill('SIGKILL');
    writeFileSync(go, '');
    expect((await project.runToEnd()).code).toBe(0);
    expect(project.issues().get('a')).toMatchObject({ status: 'open', labels: ['in-review'] });
    expect(gitIn(bare, 'for-each-ref', '--format=%(refname)', 'refs/heads')).toBe(
      'refs/heads/garland/issue/a\nrefs/heads/main',
    );
    expect(project.agentLog().starts).toHaveLength(1);
  });
}, 180_000);
