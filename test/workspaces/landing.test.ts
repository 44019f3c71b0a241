import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../src/workspaces/git.js';
import type { Workspaces } from '../../src/workspaces/workspaces.js';
import { begin, commitIn, gitIn, NEVER, Project, tryGitIn, USER_ENV, work, write } from './project.js';

/** Two issues whose workspaces started at the same commit. */
async function startTwo(config: Record<string, unknown> = {}, files: Record<string, string> = {}) {
  const project = new Project(config).start({ 'a.txt': 'one\ntwo\nthree\n', ...files });
  const workspaces = project.workspaces();
  const [one, two] = [await begin(project, workspaces, 'A1'), await begin(project, workspaces, 'A2')];
  const verify = (id: string, over = {}) => workspaces.verify(work(id), project.options(over));
  return { project, workspaces, one, two, verify };
}

/** Runs `act` once, right before git is called with these arguments. */
function interfere(before: (args: string[]) => boolean, act: () => void): Git {
  const git = createGit(USER_ENV);
  let done = false;
  const look = (args: string[]): void => {
    if (done || !before(args)) return;
    done = true;
    act();
  };
  return {
    run: (cwd, args, options) => (look(args), git.run(cwd, args, options)),
    attempt: (cwd, args, options) => (look(args), git.attempt(cwd, args, options)),
  };
}

const isSwap = (args: string[]): boolean => args[0] === 'update-ref' && args.includes('refs/heads/garland/integration');

describe('landing', () => {
  it('puts work on top of what has landed meanwhile', async () => {
    const { project, one, two, verify } = await startTwo();
    commitIn(one, 'A1: work', { 'one.txt': '1\n' });
    commitIn(two, 'A2: first', { 'two.txt': '2\n' });
    commitIn(two, 'A2: second', { 'two.txt': '3\n' });
    expect(await verify('A1')).toMatchObject({ accepted: true, landing: 'landed' });
    const verdict = await verify('A2');
    const commit = project.git('rev-parse', 'garland/integration');
    expect(verdict).toMatchObject({ accepted: true, landing: 'landed', commit });
    expect(project.landed()).toEqual(['A2: second', 'A2: first', 'A1: work', 'base']);
    expect(project.git('rev-parse', 'garland/issue/A2')).toBe(commit);
    expect(readFileSync(join(two, 'one.txt'), 'utf8')).toBe('1\n');
    expect(gitIn(two, 'status', '--porcelain')).toBe('');
    expect(existsSync(join(project.dir, '.garland/landing'))).toBe(false);
  });

  it('leaves the times of files alone that did not change', async () => {
    const { one, two, verify } = await startTwo();
    const before = gitIn(two, 'ls-files', '--debug', 'a.txt');
    commitIn(one, 'A1: work', { 'one.txt': '1\n' });
    commitIn(two, 'A2: work', { 'two.txt': '2\n' });
    await verify('A1');
    await verify('A2');
    expect(gitIn(two, 'ls-files', '--debug', 'a.txt')).toBe(before);
  });

  it('runs the gate again on the result, and only then', async () => {
    const log = 'git rev-parse HEAD >>"$GARLAND_LOG"';
    const { project, one, two, workspaces } = await startTwo({
      verify: { commands: [log, 'test -e two.txt || test -e one.txt'] },
    });
    const env = { GARLAND_LOG: join(project.top, '../gate-log') };
    const first = commitIn(one, 'A1: work', { 'one.txt': '1\n' });
    const second = commitIn(two, 'A2: work', { 'two.txt': '2\n' });
    await workspaces.verify(work('A1'), project.options({ env }));
    expect(readFileSync(env.GARLAND_LOG, 'utf8')).toBe(`${first}\n`);
    await workspaces.verify(work('A2'), project.options({ env }));
    const landed = project.git('rev-parse', 'garland/integration');
    expect(readFileSync(env.GARLAND_LOG, 'utf8')).toBe(`${first}\n${second}\n${landed}\n`);
  });

  it('refuses what does not pass the gate on the result', async () => {
    const { project, one, two, verify } = await startTwo({
      verify: { commands: ['echo checked; ! test -e one.txt || ! test -e two.txt'] },
    });
    commitIn(one, 'A1: work', { 'one.txt': '1\n' });
    commitIn(two, 'A2: work', { 'two.txt': '2\n' });
    expect(await verify('A1')).toMatchObject({ accepted: true });
    expect(await verify('A2')).toMatchObject({ accepted: false, kind: 'gate_failed', reason: /checked/ });
    expect(project.landed()).toEqual(['A1: work', 'base']);
    // The next attempt goes on from the result.
    commitIn(two, 'A2: mended', { 'one.txt': null });
    expect(await verify('A2')).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A2: mended', 'A2: work', 'A1: work', 'base']);
  });

  it('says what is in conflict and leaves the workspace as it was', async () => {
    const { project, one, two, verify } = await startTwo();
    commitIn(one, 'A1: work', { 'a.txt': 'one\nONE\nthree\n' });
    const head = commitIn(two, 'A2: work', { 'a.txt': 'one\nTWO\nthree\n', 'sub/b.txt': 'b\n' });
    await verify('A1');
    const verdict = await verify('A2');
    expect(verdict).toMatchObject({
      accepted: false,
      kind: 'conflict',
      reason: /in: a\.txt\n.*git rebase garland\/integration/,
    });
    expect(verdict.reason).toMatch(/ONE[^]*TWO/);
    expect(verdict.reason.length).toBeLessThanOrEqual(4_000);
    expect(gitIn(two, 'rev-parse', 'HEAD')).toBe(head);
    expect(gitIn(two, 'status', '--porcelain')).toBe('');
    expect(project.landed()).toEqual(['A1: work', 'base']);
    expect(existsSync(join(project.dir, '.garland/landing'))).toBe(false);
    expect(project.git('worktree', 'list').split('\n')).toHaveLength(3);
  });

  it('says what is in conflict in a subfolder, and when one side deleted it', async () => {
    const { one, two, verify } = await startTwo({}, { 'deep/er/file.txt': 'x\n' });
    commitIn(one, 'A1: work', { 'deep/er/file.txt': null });
    commitIn(two, 'A2: work', { 'deep/er/file.txt': 'changed\n' });
    await verify('A1');
    expect(await verify('A2')).toMatchObject({ kind: 'conflict', reason: /in: deep\/er\/file\.txt/ });
  });

  it.each(['rebase', 'merge'])('takes what the agent resolved by a %s, also when it lags behind again', async (how) => {
    const { project, workspaces, one, two, verify } = await startTwo();
    const three = await begin(project, workspaces, 'A3');
    commitIn(one, 'A1: work', { 'a.txt': 'one\nONE\nthree\n' });
    commitIn(two, 'A2: work', { 'a.txt': 'one\nTWO\nthree\n' });
    commitIn(three, 'A3: work', { 'three.txt': '3\n' });
    await verify('A1');
    expect(await verify('A2')).toMatchObject({ kind: 'conflict' });
    tryGitIn(two, how, 'garland/integration');
    write(two, { 'a.txt': 'one\nBOTH\nthree\n' });
    gitIn(two, 'add', '.');
    gitIn(two, '-c', 'core.editor=true', how, '--continue');
    await verify('A3');
    expect(await verify('A2')).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landedFile('a.txt')).toBe('one\nBOTH\nthree');
    expect(project.landedFile('three.txt')).toBe('3');
  });

  it("does not copy the user's commits that an agent brought along", async () => {
    const { project, one, two, verify } = await startTwo();
    const user = project.commit('user', { 'user.txt': 'u\n' });
    commitIn(one, 'A1: work', { 'one.txt': '1\n' });
    gitIn(two, 'merge', '--quiet', 'main');
    commitIn(two, 'A2: work', { 'two.txt': '2\n' });
    await verify('A1');
    expect(await verify('A2')).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.git('merge-base', 'main', 'garland/integration')).toBe(user);
    expect(project.landed().toSorted()).toEqual(
      ['A1: work', 'A2: work', 'Merge garland/issue/A2 into garland/integration', 'base', 'user'].toSorted(),
    );
  });

  it('finds work that is there already in other commits', async () => {
    const { project, workspaces, one, two, verify } = await startTwo();
    commitIn(one, 'A1: same', { 'same.txt': 's\n' });
    commitIn(one, 'A1: more', { 'more.txt': 'm\n' });
    commitIn(two, 'A2: same', { 'same.txt': 's\n' });
    await verify('A1');
    const commit = project.git('rev-parse', 'garland/integration');
    expect(await verify('A2')).toMatchObject({ accepted: true, landing: 'landed', commit });
    expect(project.landed()).toEqual(['A1: more', 'A1: same', 'base']);
    await workspaces.remove(work('A2'), {}, project.attempt());
    expect(tryGitIn(project.top, 'rev-parse', '--verify', 'garland/issue/A2')).toBeUndefined();
  });

  it('tries again when somebody else moves the branch in the last moment', async () => {
    const { project, one } = await startTwo();
    commitIn(one, 'A1: work', { 'one.txt': '1\n' });
    const git = interfere(isSwap, () => {
      project.git('worktree', 'add', '--quiet', '--detach', '../other', 'garland/integration');
      const commit = commitIn(join(project.top, '../other'), 'somebody else', { 'else.txt': 'e\n' });
      project.git('update-ref', 'refs/heads/garland/integration', commit);
    });
    const verdict = await project.workspaces({ git }).verify(work('A1'), project.options());
    expect(verdict).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: work', 'somebody else', 'base']);
  });

  it('does not move a branch that the user looks at', async () => {
    const { project, one, verify } = await startTwo();
    commitIn(one, 'A1: work', { 'one.txt': '1\n' });
    project.git('checkout', '--quiet', 'garland/integration');
    expect(await verify('A1')).toMatchObject({ accepted: false, kind: 'workspace', reason: /is checked out in/ });
    expect(project.git('status', '--porcelain')).toBe('');
    project.git('checkout', '--quiet', 'main');
    expect(await verify('A1')).toMatchObject({ accepted: true, landing: 'landed' });
  });

  it('takes a lock away that a killed git left on the integration branch', async () => {
    const { project, one, verify } = await startTwo();
    commitIn(one, 'A1: work', { 'one.txt': '1\n' });
    const lock = '.git/refs/heads/garland/integration.lock';
    write(project.top, { [lock]: '' });
    const { utimesSync } = await import('node:fs');
    utimesSync(join(project.top, lock), new Date(0), new Date(0));
    expect(await verify('A1')).toMatchObject({ accepted: true, landing: 'landed' });
  });

  it('lands many at the same time, from several processes, one after the other', { timeout: 60_000 }, async () => {
    const project = new Project({ verify: { commands: ['test -e README.md'] } }).start();
    // Each has locks, caches and a git of its own, as processes have.
    const all: Workspaces[] = Array.from({ length: 5 }, () => project.workspaces());
    await all[0]!.prepareRun();
    await Promise.all(
      all.map(async (workspaces, at) => {
        const { path } = await workspaces.ensure(work(`A${at}`), {}, project.attempt(), NEVER);
        commitIn(path, `A${at}: work`, { [`${at}.txt`]: 'x\n' });
      }),
    );
    const verdicts = await Promise.all(
      all.map((workspaces, at) => workspaces.verify(work(`A${at}`), project.options())),
    );
    expect(verdicts.map((verdict) => verdict.accepted)).toEqual(all.map(() => true));
    expect(project.landed().toSorted()).toEqual([...all.map((_, at) => `A${at}: work`), 'base']);
    await Promise.all(all.map((workspaces, at) => workspaces.remove(work(`A${at}`), {}, project.attempt())));
    expect(project.git('for-each-ref', '--format=%(refname)', 'refs/heads').split('\n')).toEqual([
      'refs/heads/garland/integration',
      'refs/heads/main',
    ]);
  });
});
