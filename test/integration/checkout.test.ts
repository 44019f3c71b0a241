import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { alikeIssues, formatIssue, type BacklogIssue } from './harness/backlog.js';
import { fingerprintCheckout } from './harness/checkout.js';
import type { Project } from './harness/project.js';
import { withProject } from './harness/with-project.js';

const editsTracker = fileURLToPath(new URL('../fixtures/integration/edits-tracker.sh', import.meta.url));

it("leaves the user's checkout byte for byte as it was, however dirty, also when an attempt fails or is aborted", async () => {
  const issues: BacklogIssue[] = [
    ...alikeIssues(2, { seconds: 0.1, does: 'commit' }),
    { id: 'b-1', steps: [{ seconds: 0.1, does: 'files' }] },
    { id: 'b-2', steps: [{ seconds: 0.1, does: 'red' }] },
    { id: 'b-3', steps: [{ seconds: 'go', does: 'commit' }] },
  ];
  await withProject(
    { kind: 'worktree', issues, gate: true, settings: { agent: { max_attempts: 1 } } },
    async (project) => {
      makeDirty(project);
      const before = fingerprintCheckout(project);
      const run = project.run();
      for (const id of ['a-1', 'a-2', 'b-1', 'b-2']) {
        await run.waitForEvent('issue_finalized', (event) => event.id === id);
      }
      expect(await project.garland('abort').ended).toMatchObject({ code: 0 });
      expect(await run.ended).toMatchObject({ code: 3 });
      expect(fingerprintCheckout(project)).toEqual(before);
      expect(project.landed()).toEqual(['a-1 by its agent', 'a-2 by its agent', 'b-1: Title of b-1']);
    },
  );
}, 180_000);

it('takes up what the user commits in between, and brings it together with what has landed', async () => {
  const issues = alikeIssues(2, { seconds: 0.1, does: 'commit' });
  await withProject({ kind: 'worktree', issues }, async (project) => {
    expect(await project.runToEnd('--only', 'a-1')).toMatchObject({ code: 0 });
    writeFileSync(join(project.dir, 'README.md'), 'changed by the user\n');
    project.git('commit', '--quiet', '-m', 'by the user', '--', 'README.md');
    const before = fingerprintCheckout(project);
    expect(await project.runToEnd()).toMatchObject({ code: 0 });
    expect(fingerprintCheckout(project)).toEqual(before);
    expect(project.landed()).toEqual(['a-1 by its agent', 'a-2 by its agent', 'by the user']);
    expect(project.git('show', 'garland/integration:README.md')).toBe('changed by the user');
    // What the summary tells a person to do works, and brings it all home.
    project.git('merge', '--quiet', '--ff-only', 'garland/integration');
  });
}, 180_000);

it('never lands what an agent does to the tracker, but takes over the issues that it adds', async () => {
  const issues: BacklogIssue[] = [{ id: 'commits' }, { id: 'leaves' }, { id: 'waits', blockers: ['nobody'] }];
  await withProject({ kind: 'worktree', issues: [...issues, { id: 'nobody', type: 'epic' }] }, async (project) => {
    project.writeSettings({ agent: { command: `sh '${editsTracker}' '${project.log}'` } });
    const before = fingerprintCheckout(project);
    const run = project.run();
    expect(await run.ended, run.describe()).toMatchObject({ code: 0 });
    const statuses = Object.fromEntries([...project.issues()].map(([id, { status }]) => [id, status]));
    expect(statuses).toEqual({
      commits: 'closed',
      leaves: 'closed',
      'added-by-commits': 'closed',
      'added-by-leaves': 'closed',
      waits: 'open',
      nobody: 'open',
    });
    expect(project.git('diff', '--name-only', `${project.base}..garland/integration`).split('\n')).toEqual([
      'work/added-by-commits',
      'work/added-by-leaves',
      'work/commits',
      'work/leaves',
    ]);
    expect(fingerprintCheckout(project)).toEqual(before);
  });
}, 180_000);

it('loses no edit that a person makes to the tracker while it writes there itself', async () => {
  const issues = alikeIssues(6, { seconds: 0.4, does: 'files' });
  await withProject(
    { kind: 'directory', issues, settings: { agent: { max_concurrent_agents: 2 } } },
    async (project) => {
      const file = join(project.dir, '.beads', 'issues.jsonl');
      const run = project.run();
      await run.waitForEvent('ready_issues');
      const added: string[] = [];
      const add = setInterval(() => {
        const id = `hand-${added.length + 1}`;
        added.push(id);
        appendFileSync(file, `${formatIssue({ id, type: 'epic' })}\n`);
      }, 80);
      try {
        await run.waitForEvent('no_more_issues');
      } finally {
        clearInterval(add);
      }
      expect(await run.ended, run.describe()).toMatchObject({ code: 0 });
      const found = project.issues();
      expect(added.length).toBeGreaterThan(5);
      expect([...found.keys()]).toEqual([...issues.map(({ id }) => id), ...added]);
      expect(issues.map(({ id }) => found.get(id)?.status)).toEqual(issues.map(() => 'closed'));
    },
  );
}, 180_000);

/** A file of every kind that `git status` knows. */
function makeDirty(project: Project): void {
  const write = (name: string, content: string) => writeFileSync(join(project.dir, name), content);
  for (const name of ['staged', 'unstaged', 'both', 'removed', 'renamed', 'script']) write(name, `${name}\n`);
  write('.gitignore', '.garland/\nignored\n');
  project.git('add', '--all');
  project.git('commit', '--quiet', '-m', 'files to change');
  Object.assign(project, { base: project.git('rev-parse', 'HEAD') });

  write('staged', 'staged, changed\n');
  write('both', 'both, staged\n');
  project.git('add', 'staged', 'both');
  write('both', 'both, changed again\n');
  write('unstaged', 'unstaged, changed\n');
  rmSync(join(project.dir, 'removed'));
  project.git('mv', 'renamed', 'moved');
  chmodSync(join(project.dir, 'script'), 0o755);
  write('untracked', 'untracked\n');
  write('ignored', 'ignored\n');
  symlinkSync('untracked', join(project.dir, 'link'));
  mkdirSync(join(project.dir, 'folder'));
  write('folder/untracked', 'untracked, too\n');
  execFileSync('git', ['stash', 'store', '-m', 'a stash', project.git('stash', 'create')], {
    cwd: project.dir,
    env: project.env,
  });
}
