import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeStaleLocks } from '../../src/workspaces/stale-locks.js';
import { begin, commitIn, gitIn, NEVER, Project, tryGitIn, USER_ENV, work, write } from './project.js';

const ensure = (project: Project, id = 'A1', signal = NEVER, directory = project.attempt()) =>
  project.workspaces().ensure(work(id), { GARLAND_ATTEMPT: '1' }, directory, signal);

describe('a workspace', () => {
  it('is a worktree on a branch of its own that starts at the integration branch', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    await workspaces.prepareRun();
    const made = await workspaces.ensure(work('A1'), {}, project.attempt(), NEVER);
    expect(made).toEqual({
      path: join(project.dir, '.garland/workspaces/A1'),
      baseBranch: 'garland/integration',
      notes: [],
    });
    expect(workspaces.path('A1')).toBe(made.path);
    expect(gitIn(made.path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/garland/issue/A1');
    expect(gitIn(made.path, 'rev-parse', 'HEAD')).toBe(project.git('rev-parse', 'garland/integration'));
    expect(gitIn(made.path, 'status', '--porcelain')).toBe('');
    expect(project.git('status', '--porcelain')).toBe('');
  });

  it('sees what has landed before', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    commitIn(await begin(project, workspaces, 'A1'), 'A1: work', { 'a.txt': 'a\n' });
    await workspaces.verify(work('A1'), project.options());
    const { path } = await ensure(project, 'A2');
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('a\n');
  });

  it('is found again as it was left', async () => {
    const project = new Project().start();
    const path = await begin(project, project.workspaces(), 'A1');
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    write(path, { 'left.txt': 'left\n', 'README.md': 'changed\n' });
    gitIn(path, 'checkout', '--quiet', '--detach');
    const before = gitIn(path, 'status', '--porcelain', '--branch');
    expect((await ensure(project)).path).toBe(path);
    expect(gitIn(path, 'status', '--porcelain', '--branch')).toBe(before);
    expect(readFileSync(join(path, 'left.txt'), 'utf8')).toBe('left\n');
  });

  it('is made again from its branch when its folder is gone', async () => {
    const project = new Project().start();
    const path = await begin(project, project.workspaces(), 'A1');
    const commit = commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    rmSync(path, { recursive: true });
    await ensure(project);
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(commit);
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('a\n');
  });

  it('starts afresh on an old branch without work of its own', async () => {
    const project = new Project().start();
    project.git('branch', 'garland/issue/A1');
    const commit = project.commit('newer', { 'n.txt': 'n' });
    const path = await begin(project, project.workspaces(), 'A1');
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(commit);
  });

  it('is found again after the whole .garland folder was deleted, elsewhere', async () => {
    const project = new Project({ workspace: { root: '../spaces' } }).start();
    const path = await begin(project, project.workspaces(), 'A1');
    write(path, { 'left.txt': 'left\n' });
    rmSync(join(project.dir, '.garland'), { recursive: true });
    await ensure(project);
    expect(readFileSync(join(path, 'left.txt'), 'utf8')).toBe('left\n');
  });

  it('is made anew after the whole .garland folder was deleted with it', async () => {
    const project = new Project().start();
    const path = await begin(project, project.workspaces(), 'A1');
    const commit = commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    rmSync(join(project.dir, '.garland'), { recursive: true });
    await ensure(project);
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(commit);
  });

  it('belongs to a project in a subfolder', async () => {
    const project = new Project({}, { inside: 'packages/app' }).start({ 'packages/app/file.txt': 'x\n' });
    const path = await begin(project, project.workspaces(), 'A1');
    expect(path).toBe(join(project.dir, '.garland/workspaces/A1/packages/app'));
    expect(existsSync(join(path, 'file.txt'))).toBe(true);
  });

  it("belongs to a project in a worktree of the user's", async () => {
    const main = new Project().start();
    main.git('worktree', 'add', '--quiet', '-b', 'topic', '../linked');
    const project = new Project();
    Object.assign(project, { top: join(main.top, '../linked'), dir: join(main.top, '../linked') });
    const path = await begin(project, project.workspaces(), 'A1');
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    expect(await project.workspaces().verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(main.landed()).toEqual(['A1: work', 'base']);
  });

  it('is made for many at the same time', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    const ids = Array.from({ length: 8 }, (_, at) => `A${at}`);
    await Promise.all(ids.map((id) => ensure(project, id)));
    for (const id of ids) {
      expect(gitIn(join(project.dir, '.garland/workspaces', id), 'status', '--porcelain', '--branch')).toBe(
        `## garland/issue/${id}`,
      );
    }
  });

  it('is made once for two at the same time', async () => {
    const project = new Project({ hooks: { after_create: 'echo x >>created.log' } }).start();
    await project.workspaces().prepareRun();
    const [one] = await Promise.all([ensure(project), ensure(project)]);
    expect(readFileSync(join(one.path, 'created.log'), 'utf8')).toBe('x\n');
  });

  it('needs the integration branch', async () => {
    await expect(ensure(new Project().start())).rejects.toThrow(/integration branch garland\/integration is gone/);
  });
});

describe('what is in the way of a workspace', () => {
  const PATH = '.garland/workspaces/A1';

  type Put = (project: Project, path: string) => void;
  it.each<[string, Put]>([
    ['a file', (_, path) => writeFileSync(path, 'mine')],
    ['a folder', (_, path) => write(path, { 'mine.txt': 'mine' })],
    ["a worktree of the user's", (project, path) => project.git('worktree', 'add', '--quiet', '-b', 'mine', path)],
    ['a repository', (project, path) => project.git('init', '--quiet', path)],
  ])('is left alone: %s', async (_, put) => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    const path = join(project.dir, PATH);
    mkdirSync(join(path, '..'), { recursive: true });
    put(project, path);
    const before = execFileSync('find', [path, '-ls'], { encoding: 'utf8' });
    await expect(ensure(project)).rejects.toThrow(/workspaces\/A1: needed for a workspace.*move it away/);
    expect(execFileSync('find', [path, '-ls'], { encoding: 'utf8' })).toBe(before);
    expect(tryGitIn(project.top, 'rev-parse', '--verify', 'garland/issue/A1')).toBeUndefined();
  });

  it("may be the entry of a worktree of the user's whose disk isn't mounted", async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    project.git('worktree', 'add', '--quiet', '-b', 'mine', join(project.dir, PATH));
    rmSync(join(project.dir, PATH), { recursive: true });
    await expect(ensure(project)).rejects.toThrow(/another worktree there, whose folder is missing/);
    expect(project.git('worktree', 'list')).toMatch(/\[mine\]/);
  });

  it("may be the issue's branch, checked out elsewhere", async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    project.git('worktree', 'add', '--quiet', '-b', 'garland/issue/A1', '../elsewhere');
    await expect(ensure(project)).rejects.toThrow(/garland\/issue\/A1 is checked out in .*elsewhere/);
    expect(existsSync(join(project.dir, PATH))).toBe(false);
  });

  it('may be the workspace itself, at an earlier workspace.root', async () => {
    const project = new Project().start();
    const path = await begin(project, project.workspaces(), 'A1');
    write(path, { 'left.txt': 'left\n' });
    project.config.workspace.root = '../spaces';
    await expect(ensure(project)).rejects.toThrow(/workspace\.root is another now/);
    expect(existsSync(join(path, 'left.txt'))).toBe(true);
  });

  it('may be a folder that git no longer knows', async () => {
    const project = new Project().start();
    const path = await begin(project, project.workspaces(), 'A1');
    write(path, { 'left.txt': 'left\n' });
    rmSync(join(project.top, '.git/worktrees'), { recursive: true });
    await expect(ensure(project)).rejects.toThrow(/git no longer knows this workspace/);
    expect(existsSync(join(path, 'left.txt'))).toBe(true);
  });
});

describe('what a killed git left', () => {
  it('is made good when it was killed while it made the worktree', async () => {
    const project = new Project().start({ 'a.txt': 'a\n' });
    const path = await begin(project, project.workspaces(), 'A1');
    const record = join(project.dir, '.garland/workspace-records/A1.json');
    writeFileSync(record, JSON.stringify({ state: 'creating', folder: path }));
    writeFileSync(join(project.top, '.git/worktrees/A1/locked'), 'initializing');
    rmSync(join(project.top, '.git/worktrees/A1/index'));
    rmSync(join(path, 'a.txt'));
    await ensure(project);
    expect(gitIn(path, 'status', '--porcelain')).toBe('');
    expect(project.git('worktree', 'list', '--porcelain')).not.toMatch(/locked|prunable/);
  });

  it('is taken away when it is a lock in the workspace', async () => {
    const project = new Project().start();
    const path = await begin(project, project.workspaces(), 'A1');
    write(join(project.top, '.git/worktrees/A1'), { 'index.lock': '', 'HEAD.lock': '' });
    await ensure(project);
    expect(existsSync(join(project.top, '.git/worktrees/A1/index.lock'))).toBe(false);
    write(path, { 'a.txt': 'a' });
    write(join(project.top, '.git/worktrees/A1'), { 'index.lock': '' });
    expect(await project.workspaces().verify(work('A1'), project.options())).toMatchObject({ accepted: true });
  });

  it('is left alone while a git works in the workspace', async () => {
    const project = new Project().start();
    const path = await begin(project, project.workspaces(), 'A1');
    const child = spawn('git', ['cat-file', '--batch'], {
      cwd: path,
      env: USER_ENV,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    child.stdin.write('HEAD\n');
    await once(child.stdout, 'data');
    const lock = join(project.top, '.git/worktrees/A1/index.lock');
    writeFileSync(lock, '');
    const gitDir = join(project.top, '.git/worktrees/A1');
    await expect(removeStaleLocks(path, { gitDir }, 0)).rejects.toThrow(/a git process is at work in/);
    expect(existsSync(lock)).toBe(true);
    const made = ensure(project);
    child.stdin.end();
    await ended;
    await made;
    expect(existsSync(lock)).toBe(false);
  });
});

describe('workspace.copy', () => {
  it('brings ignored files and folders along, once', async () => {
    const project = new Project({ workspace: { copy: ['.env', 'deep/conf.log', 'data.log/', 'missing'] } }).start();
    write(project.dir, { '.env': 'SECRET', 'deep/conf.log': 'c', 'data.log/x/y': 'y' });
    symlinkSync('x/y', join(project.dir, 'data.log/link'));
    const path = await begin(project, project.workspaces(), 'A1');
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe('SECRET');
    expect(readFileSync(join(path, 'deep/conf.log'), 'utf8')).toBe('c');
    expect(readFileSync(join(path, 'data.log/x/y'), 'utf8')).toBe('y');
    expect(readlinkSync(join(path, 'data.log/link'))).toBe('x/y');
    expect(gitIn(path, 'status', '--porcelain')).toBe('');
    write(path, { '.env': 'CHANGED' });
    await ensure(project);
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe('CHANGED');
  });

  it('brings what a link leads to', async () => {
    const project = new Project({ workspace: { copy: ['.env'] } }).start();
    write(join(project.top, '..'), { 'secrets/env': 'SECRET' });
    symlinkSync('../secrets/env', join(project.dir, '.env'));
    const path = await begin(project, project.workspaces(), 'A1');
    expect(lstatSync(join(path, '.env')).isFile()).toBe(true);
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe('SECRET');
  });
});
