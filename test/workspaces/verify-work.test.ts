import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { composeMessage } from '../../src/workspaces/leftovers.js';
import { begin, commitIn, gitIn, Project, tryGitIn, work, write } from './project.js';

/** A project with a workspace for A1 in which nothing has been done. */
async function startWork(config: Record<string, unknown> = {}, files: Record<string, string> = {}) {
  const project = new Project(config).start(files);
  const workspaces = project.workspaces();
  const path = await begin(project, workspaces, 'A1');
  const verify = (over = {}) => workspaces.verify(work('A1'), project.options(over));
  return { project, workspaces, path, verify };
}

describe('what an agent left', () => {
  it('lands as the agent committed it', async () => {
    const { project, workspaces, path, verify } = await startWork();
    const commit = commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    const reason = `landed on garland/integration as ${commit.slice(0, 12)}`;
    expect(await verify()).toEqual({ accepted: true, landing: 'landed', commit, reason });
    expect(project.landed()).toEqual(['A1: work', 'base']);
    expect(await workspaces.holds(work('A1'), commit)).toBe(true);
  });

  it('is committed for it, but nothing that git ignores', async () => {
    const { project, workspaces, path } = await startWork();
    write(path, { 'new/ä file.txt': 'new\n', 'README.md': 'changed\n', 'x.log': 'ignored', '.env': 'SECRET' });
    const verdict = await workspaces.verify(work('A1', 'Do it\nwith care'), project.options());
    expect(verdict).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: Do it', 'base']);
    const changed = project.git('-c', 'core.quotePath=false', 'diff', '--name-only', 'main', 'garland/integration');
    expect(changed.split('\n')).toEqual(['README.md', 'new/ä file.txt']);
    expect(readFileSync(join(path, 'x.log'), 'utf8')).toBe('ignored');
  });

  it('is committed with deletions, renames and what was staged only', async () => {
    const { project, path, verify } = await startWork({}, { 'old.txt': 'same\n', 'gone.txt': 'x\n' });
    gitIn(path, 'mv', 'old.txt', 'renamed.txt');
    write(path, { 'gone.txt': null, 'staged.txt': 'staged\n' });
    gitIn(path, 'add', 'staged.txt');
    expect(await verify()).toMatchObject({ accepted: true });
    expect(project.git('ls-tree', '--name-only', 'garland/integration').split('\n')).toEqual([
      '.gitignore',
      'README.md',
      'renamed.txt',
      'staged.txt',
    ]);
  });

  it('is not accepted when nothing was committed or left', async () => {
    const { verify } = await startWork();
    expect(await verify()).toMatchObject({ accepted: false, kind: 'no_commit' });
  });

  it('may be nothing when no commit is required', async () => {
    const { verify } = await startWork({ git: { require_commit: false } });
    expect(await verify()).toMatchObject({ accepted: true, landing: 'nothing' });
  });

  it('may be nothing when the agent said so, and the gate passes', async () => {
    const { project, verify } = await startWork({ verify: { commands: ['test ! -e broken'] } });
    expect(await verify({ noChange: true })).toMatchObject({ accepted: true, landing: 'nothing' });
    expect(project.landed()).toEqual(['base']);
  });

  it('is not taken by its word for nothing when the gate fails', async () => {
    const { verify } = await startWork({ verify: { commands: ['false'] } });
    expect(await verify({ noChange: true })).toMatchObject({ accepted: false, kind: 'gate_failed' });
  });

  it('has to be committed by the agent when git.commit is off', async () => {
    const { project, path, verify } = await startWork({ git: { commit: false } });
    commitIn(path, 'A1: part', { 'a.txt': 'a\n' });
    write(path, { 'left.txt': 'left\n' });
    expect(await verify()).toMatchObject({ accepted: false, kind: 'no_commit', reason: /left\.txt/ });
    expect(existsSync(join(path, 'left.txt'))).toBe(true);
    expect(project.landed()).toEqual(['base']);
    commitIn(path, 'A1: rest', {});
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
  });

  it('stays on its own branch with land.strategy branch', async () => {
    const { project, workspaces, path, verify } = await startWork({ land: { strategy: 'branch' } });
    const commit = commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    expect(await verify()).toMatchObject({ accepted: true, landing: 'branch', commit });
    expect(project.landed()).toEqual(['base']);
    expect(await workspaces.holds(work('A1'), commit)).toBe(true);
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(project.git('rev-parse', 'garland/issue/A1')).toBe(commit);
  });

  it('leaves repositories that it contains out', async () => {
    const { project, path, verify } = await startWork();
    mkdirSync(join(path, 'vendor/lib'), { recursive: true });
    gitIn(join(path, 'vendor/lib'), 'init', '--quiet');
    write(path, { 'vendor/lib/file': 'x', 'vendor/other': 'y', 'a.txt': 'a' });
    expect(await verify()).toMatchObject({ accepted: true });
    expect(project.git('diff', '--name-only', 'main', 'garland/integration').split('\n')).toEqual([
      'a.txt',
      'vendor/other',
    ]);
    expect(existsSync(join(path, 'vendor/lib/file'))).toBe(true);
  });

  it('is committed in a repository with submodules', async () => {
    const other = new Project().start();
    const project = new Project().start();
    project.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other.top, 'sub');
    project.commit('submodule', {});
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    write(path, { 'a.txt': 'a' });
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(project.git('diff', '--name-only', 'main', 'garland/integration')).toBe('a.txt');
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(existsSync(path)).toBe(false);
  });
});

describe('where an agent left it', () => {
  it('may be a detached HEAD that follows from the branch', async () => {
    const { project, path, verify } = await startWork();
    gitIn(path, 'checkout', '--quiet', '--detach');
    commitIn(path, 'A1: detached', { 'a.txt': 'a\n' });
    write(path, { 'b.txt': 'b\n' });
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: Title of A1', 'A1: detached', 'base']);
    expect(gitIn(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/garland/issue/A1');
  });

  it('may be a branch of its own', async () => {
    const { project, path, verify } = await startWork();
    gitIn(path, 'checkout', '--quiet', '-b', 'feature/x');
    commitIn(path, 'A1: on a branch', { 'a.txt': 'a\n' });
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: on a branch', 'base']);
  });

  it('may be a renamed branch', async () => {
    const { project, path, verify } = await startWork();
    gitIn(path, 'branch', '--move', 'mine');
    commitIn(path, 'A1: renamed', { 'a.txt': 'a\n' });
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: renamed', 'base']);
  });

  it('may be an older commit that it only looked at', async () => {
    const { project, path, verify } = await startWork();
    commitIn(path, 'A1: one', { 'a.txt': 'a\n' });
    commitIn(path, 'A1: two', { 'a.txt': 'b\n' });
    gitIn(path, 'checkout', '--quiet', 'HEAD~1');
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: two', 'A1: one', 'base']);
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('b\n');
  });

  it('is refused when commits on both sides would have to be guessed about', async () => {
    const { project, path, verify } = await startWork();
    commitIn(path, 'A1: one', { 'a.txt': 'a\n' });
    gitIn(path, 'checkout', '--quiet', '-b', 'elsewhere', 'HEAD~1');
    const left = commitIn(path, 'A1: other', { 'b.txt': 'b\n' });
    expect(await verify()).toMatchObject({ accepted: false, kind: 'workspace', reason: /elsewhere/ });
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(left);
    expect(project.landed()).toEqual(['base']);
  });

  it('is refused on a branch without a commit', async () => {
    const { path, verify } = await startWork();
    gitIn(path, 'checkout', '--quiet', '--orphan', 'fresh');
    expect(await verify()).toMatchObject({ accepted: false, kind: 'workspace', reason: /fresh/ });
  });

  it('is refused in the middle of a merge with conflicts, and accepted once they are resolved', async () => {
    const { project, path, verify } = await startWork({}, { 'a.txt': 'one\n' });
    commitIn(path, 'A1: mine', { 'a.txt': 'mine\n' });
    gitIn(path, 'branch', 'other', 'HEAD~1');
    gitIn(path, 'worktree', 'add', '--quiet', `${path}-other`, 'other');
    commitIn(`${path}-other`, 'other', { 'a.txt': 'other\n' });
    expect(tryGitIn(path, 'merge', 'other')).toBeUndefined();
    expect(await verify()).toMatchObject({ accepted: false, kind: 'workspace', reason: /a merge.*a\.txt/ });
    write(path, { 'a.txt': 'both\n' });
    gitIn(path, 'add', 'a.txt');
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landedFile('a.txt')).toBe('both');
    expect(project.git('log', '--format=%s', '--merges', 'garland/integration')).toBe('A1: Title of A1');
  });

  it('is refused in the middle of a rebase', async () => {
    const { path, verify } = await startWork({}, { 'a.txt': 'one\n' });
    commitIn(path, 'A1: mine', { 'a.txt': 'mine\n' });
    commitIn(path, 'A1: more', { 'b.txt': 'b\n' });
    expect(tryGitIn(path, '-c', 'sequence.editor=sed -i.bak 1s/pick/edit/', 'rebase', '--interactive', 'HEAD~2')).toBe(
      '',
    );
    expect(await verify()).toMatchObject({ accepted: false, kind: 'workspace', reason: /a rebase/ });
    gitIn(path, 'rebase', '--continue');
    expect(await verify()).toMatchObject({ accepted: true });
  });

  it.each([{}, { settle: true }])(
    'is found on the branch when the folder has gone since it landed: %o',
    async ({ settle }) => {
      const { project, workspaces, path } = await startWork();
      commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
      const options = project.options();
      const landed = await workspaces.verify(work('A1'), options);
      expect(landed).toMatchObject({ accepted: true, landing: 'landed' });
      rmSync(path, { recursive: true });
      const signal = settle ? AbortSignal.abort({ kind: 'stop', reason: 'aborted' }) : options.signal;
      expect(await workspaces.verify(work('A1'), { ...options, signal })).toEqual(landed);
      expect(project.landed()).toEqual(['A1: work', 'base']);
    },
  );

  it('is refused when the folder is gone', async () => {
    const { project, path, verify } = await startWork();
    project.git('worktree', 'remove', path);
    expect(await verify()).toMatchObject({ accepted: false, kind: 'workspace', reason: /is gone/ });
  });

  it('is found although the agent deleted the file .git', async () => {
    const { project, path, verify } = await startWork();
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    write(path, { '.git': null });
    expect(await verify()).toMatchObject({ accepted: true });
    expect(project.landed()).toEqual(['A1: work', 'base']);
  });
});

describe('composeMessage', () => {
  it.each([
    ['A1', 'Do it', 'A1: Do it\n'],
    ['A1', '  Do it \n\nand more', 'A1: Do it\n'],
    ['A1', '', 'A1\n'],
    ['A1', 'tab\tand \u0007bell', 'A1: tab and  bell\n'],
    ['A1', 'It fixes\t#1', 'A1: It fixes # 1\n'],
  ])('%s, %j', (id, title, message) => {
    expect(composeMessage(id, title)).toBe(message);
  });

  it('cuts a long title where a word ends', () => {
    const message = composeMessage('A1', 'word '.repeat(50));
    expect(message.length).toBeLessThanOrEqual(101);
    expect(message).toMatch(/word…\n$/);
    expect(composeMessage('A1', 'x'.repeat(500))).toHaveLength(101);
  });
});

describe('an attempt whose landing.json holds nonsense', () => {
  const whole = { version: 1, head: 'x'.repeat(40), hasWork: true };
  const nonsense = ['', 'nonsense', '[]', 'null', JSON.stringify({ version: 2, head: 1 }), JSON.stringify(whole)];

  it.each(nonsense)('is looked at anew, and lands once: %s', async (content) => {
    const { project, path, workspaces } = await startWork();
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    const options = project.options();
    write(options.directory, { 'landing.json': content });
    expect(await workspaces.verify(work('A1'), options)).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: work', 'base']);
  });

  it.each(nonsense)('lands nothing twice when it had landed: %s', async (content) => {
    const { project, path, workspaces } = await startWork();
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    const options = project.options();
    await workspaces.verify(work('A1'), options);
    write(options.directory, { 'landing.json': content });
    expect(await workspaces.verify(work('A1'), options)).toMatchObject({ accepted: false, kind: 'no_commit' });
    expect(project.landed()).toEqual(['A1: work', 'base']);
  });
});
