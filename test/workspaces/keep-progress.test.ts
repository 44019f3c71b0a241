import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../src/workspaces/git.js';
import type { Workspaces } from '../../src/workspaces/workspaces.js';
import { begin, commitIn, gitIn, NEVER, Project, tryGitIn, USER_ENV, work, write } from './project.js';

const REF = 'refs/garland/wip/A1';
const keep = (workspaces: Workspaces, signal = NEVER) => workspaces.keepProgress(work('A1'), signal);
const kept = (project: Project) => tryGitIn(project.top, 'rev-parse', '--verify', '--quiet', REF);
const keptFile = (project: Project, path: string) => tryGitIn(project.top, 'show', `${REF}:${path}`);
const keptFiles = (project: Project) => project.git('ls-tree', '-r', '--name-only', REF).split('\n');
const gitDirOf = (path: string) => gitIn(path, 'rev-parse', '--absolute-git-dir');

async function start(config: Record<string, unknown> = {}, files: Record<string, string> = {}) {
  const project = new Project(config).start({ 'a.txt': 'a\n', 'b.txt': 'b\n', ...files });
  const workspaces = project.workspaces();
  return { project, workspaces, path: await begin(project, workspaces, 'A1') };
}

/** Everything that an agent could notice. */
function lookAt(path: string) {
  const gitDir = gitDirOf(path);
  return {
    files: readdirSync(gitDir).toSorted(),
    index: readFileSync(join(gitDir, 'index')),
    head: readFileSync(join(gitDir, 'HEAD'), 'utf8'),
    headLog: readFileSync(join(gitDir, 'logs/HEAD'), 'utf8'),
    branch: gitIn(path, 'rev-parse', 'garland/issue/A1'),
    status: gitIn(path, 'status', '--porcelain=v2', '--branch', '--ignored'),
    a: statSync(join(path, 'a.txt'), { bigint: true }).mtimeNs,
  };
}

describe('keepProgress', () => {
  it('keeps what is staged, changed, deleted and new, on top of HEAD, and touches nothing', async () => {
    const { project, workspaces, path } = await start();
    const head = commitIn(path, 'A1: first', { 'done.txt': 'done\n' });
    write(path, {
      'a.txt': 'changed\n',
      'b.txt': null,
      'new ü.txt': 'new\n',
      'deep/er.txt': 'x\n',
      'x.log': 'ignored',
    });
    write(path, { 'staged.txt': 'staged\n' });
    gitIn(path, 'add', 'staged.txt');
    const before = lookAt(path);
    expect(await keep(workspaces)).toEqual([]);
    expect(lookAt(path)).toEqual(before);
    expect(project.git('rev-parse', `${REF}^`)).toBe(head);
    expect(keptFile(project, 'a.txt')).toBe('changed');
    expect(gitIn(project.top, '-c', 'core.quotePath=false', 'diff', '--name-status', head, REF).split('\n')).toEqual([
      'M\ta.txt',
      'D\tb.txt',
      'A\tdeep/er.txt',
      'A\tnew ü.txt',
      'A\tstaged.txt',
    ]);
  });

  it("leaves the tracker's own out, changed or staged", async () => {
    const { project, workspaces, path } = await start({}, { '.beads/issues.jsonl': 'one\n' });
    write(path, { '.beads/issues.jsonl': 'agent\n', '.beads/new': 'x', 'a.txt': 'changed\n' });
    gitIn(path, 'add', '.beads');
    await keep(workspaces);
    expect(project.git('diff', '--name-only', `${REF}^`, REF)).toBe('a.txt');
  });

  it('writes nothing for what the branch holds or what it kept before', async () => {
    const { project, workspaces, path } = await start();
    await keep(workspaces);
    expect(kept(project)).toBeUndefined();
    commitIn(path, 'A1: work', { 'c.txt': 'c\n' });
    await keep(workspaces);
    expect(kept(project)).toBeUndefined();
    write(path, { 'a.txt': 'changed\n' });
    await keep(workspaces);
    const first = kept(project);
    expect(first).toBeDefined();
    await keep(workspaces);
    expect(kept(project)).toBe(first);
    write(path, { 'a.txt': 'a\n' });
    await keep(workspaces);
    expect(project.git('diff', '--name-only', `${REF}^`, REF)).toBe('');
    expect(project.git('rev-parse', `${REF}@{1}`)).toBe(first);
  });

  it('sees a change of the same size right after the one before', async () => {
    const { project, workspaces, path } = await start();
    for (const content of ['one\n', 'two\n', 'tre\n']) {
      write(path, { 'a.txt': content });
      gitIn(path, 'add', 'a.txt');
      write(path, { 'a.txt': content.toUpperCase() });
      await keep(workspaces);
      expect(keptFile(project, 'a.txt')).toBe(content.trim().toUpperCase());
    }
  });

  it("keeps while somebody's index.lock is there", async () => {
    const { project, workspaces, path } = await start();
    write(path, { 'a.txt': 'changed\n' });
    const lock = join(gitDirOf(path), 'index.lock');
    writeFileSync(lock, 'mine');
    await keep(workspaces);
    expect(keptFile(project, 'a.txt')).toBe('changed');
    expect(readFileSync(lock, 'utf8')).toBe('mine');
  });

  it('keeps in the middle of a rebase with conflicts, which goes on', async () => {
    const { project, workspaces, path } = await start();
    commitIn(path, 'A1: work', { 'a.txt': 'agent\n' });
    const onto = project.commit('user', { 'a.txt': 'user\n' });
    expect(tryGitIn(path, 'rebase', 'main')).toBeUndefined();
    const before = lookAt(path);
    await keep(workspaces);
    expect(lookAt(path)).toEqual(before);
    expect(project.git('rev-parse', `${REF}^`)).toBe(onto);
    expect(keptFile(project, 'a.txt')).toContain('<<<<<<<');
    write(path, { 'a.txt': 'both\n' });
    gitIn(path, 'add', 'a.txt');
    gitIn(path, '-c', 'core.editor=true', 'rebase', '--continue');
    expect(gitIn(path, 'log', '--format=%s')).toBe('A1: work\nuser\nbase');
  });

  it('leaves huge files out and says so, changed ones as well; nested repositories too', async () => {
    const { project, workspaces, path } = await start();
    write(path, { 'huge [1].bin': '', 'small.txt': 'small\n', 'b.txt': '' });
    for (const name of ['huge [1].bin', 'b.txt']) truncateSync(join(path, name), 51 * 1024 * 1024);
    gitIn(path, 'init', '--quiet', 'nested');
    const note = 'too large to be kept while uncommitted: b.txt (51 MB), huge [1].bin (51 MB)';
    expect(await keep(workspaces)).toEqual([note]);
    expect(keptFiles(project)).toEqual(['.gitignore', 'README.md', 'a.txt', 'b.txt', 'small.txt']);
    expect(keptFile(project, 'b.txt')).toBe('b');
  });

  it('says so when the huge file is all that there is', async () => {
    const { project, workspaces, path } = await start();
    write(path, { 'huge.bin': '' });
    truncateSync(join(path, 'huge.bin'), 51 * 1024 * 1024);
    expect(await keep(workspaces)).toHaveLength(1);
    expect(kept(project)).toBeUndefined();
  });

  it('keeps once when two do it at the same time', async () => {
    const { project, workspaces, path } = await start();
    for (let round = 0; round < 4; round += 1) {
      write(path, { 'a.txt': `round ${round}\n` });
      await Promise.all([keep(workspaces), keep(project.workspaces()), keep(workspaces)]);
      expect(keptFile(project, 'a.txt')).toBe(`round ${round}`);
    }
    expect(readdirSync(gitDirOf(path)).filter((name) => name.startsWith('garland-'))).toEqual([]);
  });

  it('takes away what a killed one left', async () => {
    const { workspaces, path } = await start();
    // No system has a process of this number.
    const old = join(gitDirOf(path), 'garland-index-99999999-x.lock');
    writeFileSync(old, '');
    await keep(workspaces);
    expect(existsSync(old)).toBe(false);
  });

  it('keeps nothing of a workspace that is being deleted, is gone, or never was', async () => {
    const { project, workspaces, path } = await start();
    write(path, { 'a.txt': 'changed\n' });
    await keep(workspaces);
    const before = kept(project);
    rmSync(join(path, '.git'));
    rmSync(join(path, 'b.txt'));
    expect(await keep(workspaces)).toEqual([]);
    rmSync(path, { recursive: true });
    expect(await keep(workspaces)).toEqual([]);
    expect(kept(project)).toBe(before);
    expect(await workspaces.keepProgress(work('other'), NEVER)).toEqual([]);
  });

  it('keeps nothing of one that is deleted while it looks', async () => {
    const { project, path } = await start();
    write(path, { 'a.txt': 'changed\n' });
    const real = createGit(USER_ENV);
    const git: Git = {
      ...real,
      attempt: async (cwd, args, options) => {
        if (args[0] === 'add') rmSync(path, { recursive: true });
        return args[0] === 'add' ? { exitCode: 0, stdout: '', stderr: '' } : real.attempt(cwd, args, options);
      },
    };
    await project
      .workspaces({ git })
      .keepProgress(work('A1'), NEVER)
      .catch(() => []);
    expect(kept(project)).toBeUndefined();
  });

  it('writes nothing once it is told to stop', async () => {
    const { project, path } = await start();
    write(path, { 'a.txt': 'changed\n' });
    const stop = new AbortController();
    const real = createGit(USER_ENV);
    const git: Git = {
      ...real,
      run: async (cwd, args, options) => {
        const result = await real.run(cwd, args, options);
        if (args[0] === 'commit-tree') stop.abort(new Error('stopped'));
        return result;
      },
    };
    await expect(project.workspaces({ git }).keepProgress(work('A1'), stop.signal)).rejects.toThrow('stopped');
    expect(kept(project)).toBeUndefined();
    expect(readdirSync(gitDirOf(path)).filter((name) => name.startsWith('garland-'))).toEqual([]);
  });

  it('does nothing in a directory workspace', async () => {
    const project = new Project({ workspace: { kind: 'directory' } }).start();
    mkdirSync(join(project.dir, 'x'));
    expect(await keep(project.workspaces())).toEqual([]);
    expect(kept(project)).toBeUndefined();
  });
});

describe('a workspace that somebody deleted', () => {
  const ensure = (project: Project) => project.workspaces().ensure(work('A1'), {}, project.attempt(), NEVER);
  const restored = [expect.stringMatching(/^the workspace was gone, and is made again with the work kept at 2/)];

  it('comes back with its uncommitted work', async () => {
    const { project, workspaces, path } = await start({ hooks: { after_create: 'cat new.txt >hook.log || true' } });
    const head = commitIn(path, 'A1: first', { 'c.txt': 'c\n' });
    write(path, { 'a.txt': 'changed\n', 'b.txt': null, 'new.txt': 'new\n' });
    const before = gitIn(path, 'status', '--porcelain', '--branch');
    await keep(workspaces);
    project.commit('user', { 'u.txt': 'u\n' });
    await project.workspaces().prepareRun();
    rmSync(path, { recursive: true });
    expect((await ensure(project)).notes).toEqual(restored);
    expect(gitIn(path, 'status', '--porcelain', '--branch')).toBe(before);
    expect(gitIn(path, 'rev-parse', 'garland/issue/A1')).toBe(head);
    expect(readFileSync(join(path, 'hook.log'), 'utf8')).toBe('new\n');
    expect((await ensure(project)).notes).toEqual([]);
  });

  it('comes back when all of .garland and its branch are gone as well', async () => {
    const { project, workspaces, path } = await start();
    const head = commitIn(path, 'A1: first', { 'c.txt': 'c\n' });
    write(path, { 'a.txt': 'changed\n' });
    await keep(workspaces);
    rmSync(join(project.dir, '.garland'), { recursive: true });
    project.git('worktree', 'prune');
    project.git('branch', '--quiet', '-D', 'garland/issue/A1');
    expect((await ensure(project)).notes).toEqual(restored);
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(head);
    expect(gitIn(path, 'status', '--porcelain', '--branch')).toBe('## garland/issue/A1\n M a.txt');
  });

  it('comes back with what was committed on a detached HEAD', async () => {
    const { project, workspaces, path } = await start();
    gitIn(path, 'checkout', '--quiet', '--detach');
    const head = commitIn(path, 'A1: first', { 'c.txt': 'c\n' });
    await keep(workspaces);
    rmSync(path, { recursive: true });
    project.git('worktree', 'prune');
    await ensure(project);
    expect(gitIn(path, 'rev-parse', 'garland/issue/A1')).toBe(head);
  });

  it('takes back nothing that was committed after it was kept', async () => {
    const { project, workspaces, path } = await start();
    write(path, { 'a.txt': 'changed\n', 'new.txt': 'new\n' });
    await keep(workspaces);
    gitIn(path, 'add', 'a.txt');
    gitIn(path, 'commit', '--quiet', '-m', 'A1: first');
    const head = commitIn(path, 'A1: second', { 'c.txt': 'c\n', 'new.txt': null });
    write(path, { 'new.txt': 'new\n' });
    rmSync(path, { recursive: true });
    await ensure(project);
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(head);
    expect(gitIn(path, 'status', '--porcelain')).toBe('?? new.txt');
  });

  it('says which commit has the work when that conflicts', async () => {
    const { project, workspaces, path } = await start();
    write(path, { 'a.txt': 'changed\n', 'b.txt': null, 'new.txt': 'x' });
    await keep(workspaces);
    const commit = kept(project);
    gitIn(path, 'checkout', '--quiet', '.');
    const head = commitIn(path, 'A1: otherwise', { 'a.txt': 'otherwise\n', 'b.txt': 'otherwise\n', 'new.txt': null });
    rmSync(path, { recursive: true });
    expect((await ensure(project)).notes).toEqual([
      expect.stringContaining(`conflicts with its branch, and is in commit ${commit}`),
    ]);
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(head);
    expect(gitIn(path, 'status', '--porcelain')).toBe('');
  });

  it('comes back whenever garland is killed while it does it', async () => {
    const { project, workspaces, path } = await start();
    write(path, { 'a.txt': 'changed\n' });
    await keep(workspaces);
    for (let call = 1; ; call += 1) {
      rmSync(path, { recursive: true, force: true });
      let calls = 0;
      const real = createGit(USER_ENV);
      const count = () => {
        calls += 1;
        if (calls >= call) throw new Error('killed');
      };
      const git: Git = {
        run: (...args) => real.run(...args).finally(count),
        attempt: (...args) => real.attempt(...args).finally(count),
      };
      const result = await project
        .workspaces({ git })
        .ensure(work('A1'), {}, project.attempt(), NEVER)
        .catch(() => undefined);
      await ensure(project);
      expect(readFileSync(join(path, 'a.txt'), 'utf8'), `call ${call}`).toBe('changed\n');
      if (result !== undefined) break;
    }
  });

  it('comes back empty once its issue was done, also when the removal was cut short', async () => {
    const { project, workspaces, path } = await start();
    write(path, { 'a.txt': 'changed\n' });
    await keep(workspaces);
    const record = JSON.stringify({ state: 'removing', folder: path });
    write(project.dir, { '.garland/workspace-records/A1.json': record });
    expect((await ensure(project)).notes).toEqual([]);
    expect(gitIn(path, 'status', '--porcelain')).toBe('');
    write(path, { 'a.txt': 'changed\n' });
    await keep(workspaces);
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(kept(project)).toBeUndefined();
  });
});
