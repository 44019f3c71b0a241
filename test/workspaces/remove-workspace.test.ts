import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { begin, commitIn, NEVER, Project, tryGitIn, work, write } from './project.js';

const branches = (project: Project) =>
  project.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n');

describe('remove', () => {
  it('takes folder, worktree and landed branch, however often', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    await workspaces.verify(work('A1'), project.options());
    write(path, { 'left.txt': 'left', 'ignored.log': 'x' });
    await workspaces.remove(work('A1'), {}, project.attempt());
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(existsSync(path)).toBe(false);
    expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
    expect(branches(project)).toEqual(['garland/integration', 'main']);
    expect(existsSync(join(project.dir, '.garland/workspace-records/A1.json'))).toBe(false);
  });

  it('keeps a branch with work that has not landed', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    const commit = commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(existsSync(path)).toBe(false);
    expect(project.git('rev-parse', 'garland/issue/A1')).toBe(commit);
  });

  it('does nothing for an issue that never had one', async () => {
    const project = new Project({ hooks: { before_remove: 'false' } }).start();
    const workspaces = project.workspaces();
    await workspaces.prepareRun();
    expect(await workspaces.remove(work('A1'), {}, project.attempt())).toEqual([]);
  });

  it('leaves a folder alone that garland did not make', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    await workspaces.prepareRun();
    write(join(project.dir, '.garland/workspaces/A1'), { 'mine.txt': 'mine' });
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(existsSync(join(project.dir, '.garland/workspaces/A1/mine.txt'))).toBe(true);
  });

  it('runs before_remove in the workspace while it is whole; its failure is told', async () => {
    const hook = 'cp a.txt "$OUT"; echo sorry; exit 5';
    const project = new Project({ hooks: { before_remove: hook } }).start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    await workspaces.verify(work('A1'), project.options());
    const out = join(project.top, '../out');
    const told = await workspaces.remove(work('A1'), { OUT: out }, project.attempt());
    expect(readFileSync(out, 'utf8')).toBe('a\n');
    expect(told).toEqual([expect.stringMatching(/hooks\.before_remove failed \(exit 5\).*: sorry; its whole output/)]);
    expect(existsSync(path)).toBe(false);
  });

  it('takes folders that were made read-only', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    write(path, { 'cache/mod/file': 'x' });
    chmodSync(join(path, 'cache/mod'), 0o555);
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(existsSync(path)).toBe(false);
  });

  it('ends what a killed removal began', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    const record = join(project.dir, '.garland/workspace-records/A1.json');
    write(project.dir, { '.garland/workspace-records/A1.json': JSON.stringify({ state: 'removing', folder: path }) });
    rmSync(join(path, '.git'));
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(existsSync(path) || existsSync(record)).toBe(false);
    expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
    expect(tryGitIn(project.top, 'rev-parse', '--verify', 'garland/issue/A1')).toBeUndefined();
  });

  it("leaves the user's own worktrees alone, also those whose folder is gone", async () => {
    const project = new Project().start();
    project.git('worktree', 'add', '--quiet', '-b', 'mine', '../unmounted');
    rmSync(join(project.top, '../unmounted'), { recursive: true });
    const workspaces = project.workspaces();
    await begin(project, workspaces, 'A1');
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(project.git('worktree', 'list')).toMatch(/unmounted.*\[mine\]/);
  });

  it.runIf(canMakeImmutable())('says which file cannot be deleted, and ends it the next time', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    write(path, { 'stuck.txt': 'x' });
    execFileSync('chattr', ['+i', join(path, 'stuck.txt')]);
    try {
      await expect(workspaces.remove(work('A1'), {}, project.attempt())).rejects.toThrow(
        /the workspace can't be deleted.*delete it yourself/,
      );
    } finally {
      execFileSync('chattr', ['-i', join(path, 'stuck.txt')]);
    }
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(existsSync(path)).toBe(false);
  });

  it('makes room for a new workspace', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    await begin(project, workspaces, 'A1');
    await workspaces.remove(work('A1'), {}, project.attempt());
    const { path } = await workspaces.ensure(work('A1'), {}, project.attempt(), NEVER);
    expect(existsSync(join(path, 'README.md'))).toBe(true);
  });
});

/** Only root can, and not on every file system. */
function canMakeImmutable(): boolean {
  const file = join(tmpdir(), `garland-immutable-${process.pid}`);
  try {
    execFileSync('sh', ['-c', 'touch "$0" && chattr +i "$0" && chattr -i "$0"', file], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(file, { force: true });
  }
}
