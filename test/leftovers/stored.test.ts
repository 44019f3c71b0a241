import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import { readOwnLock } from './own-lock.js';
import { withFileLock } from '../../src/files/file-lock.js';
import { commitIn, gitIn, tryGitIn, write } from '../workspaces/project.js';
import { LeftProject, stopAtEnd } from './left-project.js';

const start = (config: Record<string, unknown> = {}) => new LeftProject(config).start({ 'a.txt': 'a\n' });
const REF = 'refs/garland/wip/A1';
const has = (project: LeftProject, ref: string) =>
  tryGitIn(project.top, 'rev-parse', '--verify', '--quiet', ref) !== undefined;

describe('workspaces', () => {
  test.each([
    ['closed', { A1: 'closed' }, 'its issue is closed'],
    ['gone', { B1: 'open' }, 'its issue is gone'],
  ])('one of an issue that is %s goes, if all of it has landed', async (_name, issues, why) => {
    const project = start().issues(issues);
    const path = await project.begin('A1');
    commitIn(path, 'A1: work', { 'b.txt': 'b\n' });
    await project.land('A1');
    await project.keepProgress('A1');
    expect(await project.list()).toEqual(['workspace .garland/workspaces/A1: clean']);
    expect(await project.clean()).toEqual([`removed the workspace .garland/workspaces/A1: ${why}`]);
    expect([existsSync(path), has(project, REF), has(project, 'garland/issue/A1')]).toEqual([false, false, false]);
    expect(await project.list()).toEqual([]);
  });

  test.each<[string, (path: string) => void]>([
    ['a commit', (path) => commitIn(path, 'A1: more', { 'b.txt': 'b\n' })],
    ['a change', (path) => write(path, { 'a.txt': 'changed\n' })],
    ['a new file', (path) => write(path, { 'new.txt': 'x' })],
    [
      'a commit on a detached HEAD',
      (path) => {
        gitIn(path, 'checkout', '--quiet', '--detach');
        commitIn(path, 'A1: more', { 'b.txt': 'b\n' });
      },
    ],
  ])('one with %s that has not landed stays; after workspace.keep_days only its folder goes', async (_name, leave) => {
    const project = start().issues({ A1: 'closed' });
    const path = await project.begin('A1');
    leave(path);
    expect(await project.list()).toEqual(['workspace .garland/workspaces/A1: keep']);
    expect(await project.clean()).toEqual([]);
    project.days = 13;
    expect(await project.list()).toEqual(['workspace .garland/workspaces/A1: keep']);
    project.issues({ A1: 'open' });
    project.days = 15;
    const before = { status: gitIn(path, 'status', '--porcelain'), head: gitIn(path, 'rev-parse', 'HEAD') };
    expect(await project.clean()).toEqual([
      'removed the folder .garland/workspaces/A1: its issue is open, and it was not used for 14 days; ' +
        'its branch and what was uncommitted are kept in git',
    ]);
    expect(existsSync(path)).toBe(false);
    await project.begin('A1');
    expect(gitIn(path, 'status', '--porcelain')).toBe(before.status);
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(before.head);
  });

  test('those of open issues are no leftovers before workspace.keep_days, and never with 0', async () => {
    const project = start({ workspace: { keep_days: 0 } }).issues({ A1: 'open' });
    write(await project.begin('A1'), { 'new.txt': 'x' });
    project.days = 10_000;
    expect(await project.list()).toEqual([]);
  });

  test('nothing of an issue that is worked on is touched', async () => {
    const project = start().issues({ A1: 'closed', A2: 'in_progress' });
    project.open.add('p/r1');
    const [one, two] = [await project.begin('A1'), await project.begin('A2')];
    stopAtEnd(await project.agent('r1', 'A1'));
    project.days = 1_000;
    expect(await project.list()).toEqual([]);
    await project.clean();
    expect(existsSync(one) && existsSync(two)).toBe(true);
  });

  test('a record that names a folder of somebody else deletes nothing', async () => {
    const project = start().issues({ B1: 'open' });
    await project.begin('B1');
    const mine = join(project.top, '../mine/A1');
    mkdirSync(mine, { recursive: true });
    writeFileSync(join(mine, 'mine.txt'), 'mine');
    write(project.dir, {
      '.garland/workspace-records/A1.json': JSON.stringify({ state: 'ready', folder: mine }),
      '.garland/workspace-records/A2.json': '{"state',
    });
    expect(await project.list()).toEqual([`workspace ${mine}: clean`, 'workspace A2: person']);
    expect(await project.clean()).toEqual([
      expect.stringMatching(/A1: could not be cleaned up: .*no worktree of this repo/),
    ]);
    expect(existsSync(join(mine, 'mine.txt'))).toBe(true);
  });

  test('before_remove is run; its failure is told, and its output stays', async () => {
    const hook = 'echo "$GARLAND_ISSUE_ID" >>"$GARLAND_WORKSPACE/../hook"; [ "$GARLAND_ISSUE_ID" = A1 ]';
    const project = start({ hooks: { before_remove: hook } }).issues({ A1: 'closed', A2: 'closed' });
    await project.begin('A1');
    await project.begin('A2');
    expect(await project.clean()).toEqual([
      expect.stringMatching(/^removed the workspace \S+A1: its issue is closed$/),
      expect.stringMatching(
        /^removed the workspace \S+A2: its issue is closed; hooks\.before_remove failed \(exit 1\)/,
      ),
    ]);
    expect(readFileSync(join(project.dir, '.garland/workspaces/hook'), 'utf8')).toBe('A1\nA2\n');
    const cleaning = join(project.dir, '.garland/cleaning');
    expect(readdirSync(cleaning)).toEqual([expect.stringMatching(/^A2-/)]);
    project.days = 29;
    expect(await project.list()).toEqual([]);
    project.days = 31;
    expect(await project.clean()).toEqual([expect.stringMatching(/^removed \S+A2-\S+: not written to for 30 days$/)]);
    expect(readdirSync(cleaning)).toEqual([]);
  });

  test('one that is used again just before it would go stays', async () => {
    const project = start().issues({ A1: 'open' });
    const path = await project.begin('A1');
    project.age(join(project.dir, '.garland/workspace-records/A1.json'), 15);
    const [leftover] = await project.find();
    await project.begin('A1');
    expect(leftover?.plan === 'clean' && (await leftover.clean())).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  test('what there is no time for is left to the next', async () => {
    const project = start().issues({ A1: 'closed' });
    const path = await project.begin('A1');
    expect(await project.clean({ withinMs: -1 })).toEqual([
      'there is more to clean up: `garland doctor --fix` does it',
    ]);
    expect(existsSync(path)).toBe(true);
  });
});

describe('refs', () => {
  const lose = async (project: LeftProject) => {
    const path = await project.begin('A1');
    write(path, { 'a.txt': 'changed\n' });
    await project.keepProgress('A1');
    rmSync(path, { recursive: true });
    rmSync(join(project.dir, '.garland/workspace-records'), { recursive: true });
    project.git('worktree', 'prune');
  };

  test('work in progress without workspace and issue goes after workspace.keep_days, and is told', async () => {
    const project = start().issues({ B1: 'open' });
    await lose(project);
    const commit = project.git('rev-parse', '--short=12', REF);
    expect(await project.list()).toEqual([`progress ${REF}: keep`]);
    project.days = 15;
    expect(await project.clean()).toEqual([
      expect.stringMatching(new RegExp(`^removed ${REF} \\(${commit}, kept at .*\\): its issue is gone$`)),
      'removed the branch garland/issue/A1: garland/integration holds it',
    ]);
    expect(has(project, REF)).toBe(false);
  });

  test('work in progress of an open issue stays, whatever its age', async () => {
    const project = start().issues({ A1: 'open' });
    await lose(project);
    project.days = 1_000;
    expect(await project.list()).toEqual([]);
  });

  test('work in progress of another project in the same repository stays', async () => {
    const project = start().issues({ A1: 'open' });
    await project.begin('A1');
    const other = project.git(
      'commit-tree',
      '-p',
      'main',
      '-m',
      'work in progress on garland/issue/X (app/)',
      'main^{tree}',
    );
    project.git('update-ref', 'refs/garland/wip/X', other);
    project.days = 1_000;
    project.config.workspace.keep_days = 2_000;
    expect(await project.list()).toEqual([]);
  });

  test("issues' branches go once the integration branch holds them, and no others", async () => {
    const project = start().issues({ A1: 'open' });
    await project.begin('A1');
    project.git('branch', 'garland/issue/landed', 'garland/integration');
    project.git('branch', 'mine', 'garland/integration');
    project.git('worktree', 'add', '--quiet', '-b', 'garland/issue/looked-at', '../look', 'garland/integration');
    project.git('checkout', '--quiet', '-b', 'garland/issue/ahead');
    project.commit('ahead', { 'x.txt': 'x' });
    project.git('checkout', '--quiet', 'main');
    project.issues({ A1: 'open' });
    expect(await project.list()).toEqual(['branch garland/issue/landed: clean']);
    expect(await project.clean()).toEqual(['removed the branch garland/issue/landed: garland/integration holds it']);
    expect(await project.list()).toEqual([]);
  });
});

describe('files', () => {
  test('locks and temporary files of dead processes go; those of the living stay', async () => {
    const project = start().issues({ A1: 'open' });
    const uuid = '00000000-0000-4000-8000-000000000000';
    const dead = JSON.stringify({ pid: 99999999, startTime: '1', bootId: 'x', token: 'abc' });
    const files = {
      '.garland/locks/landing.lock': dead,
      '.garland/locks/landing.lock.abc.steal': dead.replace('abc', 'fed'),
      '.garland/locks/x.lock.def.tmp': dead,
      [`.garland/.project.json.99999999.${uuid}.tmp`]: '{',
      '.garland/old.tmp': 'x',
      [`.garland/unwritten/.A1.json.99999999.${uuid}.tmp`]: '{',
      [`.beads/.issues.jsonl.99999999.${uuid}.tmp`]: '{',
    };
    const living = {
      [`.garland/.project.json.${process.pid}.${uuid}.tmp`]: '{',
      '.garland/locks/y.lock.def.tmp': readOwnLock(),
      '.garland/young.tmp': 'x',
      '.garland/notes.txt': 'mine',
      [`.beads/.issues.jsonl.${process.pid}.${uuid}.tmp`]: '{',
      '.beads/theirs.99999999.tmp': 'mine',
      '.beads/theirs.lock': dead,
    };
    write(project.dir, { ...files, ...living });
    project.age(join(project.dir, '.garland/old.tmp'), 1);
    await withFileLock(join(project.dir, '.garland/locks/held.lock'), async () => {
      expect((await project.list()).toSorted()).toEqual(
        Object.keys(files)
          .map((file) => `file ${file}: clean`)
          .toSorted(),
      );
      await project.clean();
      for (const file of Object.keys(files)) expect(existsSync(join(project.dir, file)), file).toBe(false);
      for (const file of Object.keys(living)) expect(existsSync(join(project.dir, file)), file).toBe(true);
      expect(existsSync(join(project.dir, '.garland/locks/held.lock'))).toBe(true);
    });
    expect(await project.list()).toEqual([]);
  });

  test.each([true, false])(
    'the worktree of a landing that was killed goes, its folder there (%s) or not, unless somebody lands',
    async (isThere) => {
      const project = start().issues({ A1: 'open' });
      const folder = join(project.dir, '.garland/landing');
      project.git('worktree', 'add', '--quiet', '--detach', folder, 'main');
      if (!isThere) rmSync(folder, { recursive: true });
      await withFileLock(join(project.dir, '.garland/locks/landing.lock'), async () => {
        expect(await project.list()).toEqual([]);
      });
      expect(await project.list()).toEqual(['file .garland/landing: clean']);
      expect(await project.clean()).toEqual(['removed .garland/landing: what was landed in it was killed']);
      expect(existsSync(folder)).toBe(false);
      expect(project.git('worktree', 'list', '--porcelain')).not.toContain('.garland/landing');
    },
  );
});

describe('run folders', () => {
  const makeRun = (project: LeftProject, runId: string, days: number) => {
    const folder = attemptFolder(project.dir, runId, 'A1', 1);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'stdout'), 'x');
    for (const path of [folder, join(folder, '..'), join(folder, '../..')]) project.age(path, days);
  };

  test('go after workspace.keep_runs_days, unless the run goes on, has an agent at work, or holds a claim', async () => {
    const claim = {
      status: 'in_progress',
      assignee: 'garland/q',
      garland_claim: { key: 'claims', name: 'garland/q', at: '' },
    };
    const project = start({ workspace: { keep_runs_days: 10 } }).issues({ A1: claim });
    for (const run of ['old', 'open', 'claims', 'works']) makeRun(project, run, 11);
    makeRun(project, 'young', 9);
    project.open.add('p/open');
    stopAtEnd(await project.agent('works', 'A2'));
    for (const path of ['', '/A1', '/A1/1', '/A2', '/A2/1'])
      project.age(join(project.dir, `.garland/runs/works${path}`), 11);
    const runs = (await project.list()).filter((line) => line.startsWith('run '));
    expect(runs).toEqual(['run .garland/runs/old: clean']);
    expect(await project.clean()).toContain('removed .garland/runs/old: not written to for 10 days');
    expect(existsSync(join(project.dir, '.garland/runs/old'))).toBe(false);
    expect(existsSync(join(project.dir, '.garland/runs/young'))).toBe(true);
  });

  test('stay while the server cannot be asked, and for ever with 0', async () => {
    const project = start({ workspace: { keep_runs_days: 10 } }).issues({ A1: 'open' });
    makeRun(project, 'old', 11);
    project.isServerThere = false;
    expect(await project.list()).toEqual([]);
    project.isServerThere = true;
    project.config.workspace.keep_runs_days = 0;
    expect(await project.list()).toEqual([]);
  });
});

test('a record of an outcome that is no record is for a person, and stays', async () => {
  const project = start().issues({ A1: 'open' });
  const record = join(project.dir, '.garland/unwritten/A1.json');
  mkdirSync(join(project.dir, '.garland/unwritten'), { recursive: true });
  writeFileSync(record, '{"version": 1, "runId"');
  expect(await project.find()).toMatchObject([{ kind: 'outcome', what: record, plan: 'person' }]);
  await project.clean();
  expect(existsSync(record)).toBe(true);
});
