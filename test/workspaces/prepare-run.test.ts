import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.js';
import { commitIn, gitIn, Project, tryGitIn, USER_ENV, write } from './project.js';

const INTO = 'garland/integration';
const MERGED = ['Merge main into garland/integration', 'base', 'integration', 'newer'];

async function refusal(project: Project, env: NodeJS.ProcessEnv = USER_ENV): Promise<string> {
  const error: unknown = await project
    .workspaces({ env })
    .prepareRun()
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  if (!(error instanceof UserError)) throw new Error(`expected a UserError, got ${String(error)}`);
  expect(error.message).not.toContain('\n');
  return error.message;
}

describe('a run is refused', () => {
  it('outside of a repository', async () => {
    expect(await refusal(new Project())).toMatch(
      /not in a git repository: run 'git init' and commit, or set workspace.kind/,
    );
  });

  it('in a bare repository', async () => {
    const project = new Project();
    project.git('init', '--quiet', '--bare', '.');
    expect(await refusal(project)).toMatch(/bare repository/);
  });

  it("inside of git's own folder", async () => {
    const project = new Project({}, { inside: '.git' });
    project.git('init', '--quiet', '.');
    expect(await refusal(project)).toMatch(/\.git folder/);
  });

  it('before the first commit', async () => {
    const project = new Project();
    project.git('init', '--quiet', '.');
    expect(await refusal(project)).toMatch(/no commit yet/);
  });

  it('on a branch without a commit', async () => {
    const project = new Project().start();
    project.git('checkout', '--quiet', '--orphan', 'fresh');
    expect(await refusal(project)).toMatch(/fresh, which is checked out, has no commit yet/);
  });

  it('on a detached HEAD, unless git.base says what to follow', async () => {
    const project = new Project().start();
    project.git('checkout', '--quiet', '--detach');
    expect(await refusal(project)).toMatch(/HEAD is detached.*git\.base/);
    project.config.git.base = 'main';
    expect(await project.workspaces().prepareRun()).toEqual({ branch: INTO, base: 'main' });
  });

  it("on a branch of garland's own", async () => {
    const project = new Project().start();
    project.git('checkout', '--quiet', '-b', 'garland/issue/A1');
    expect(await refusal(project)).toMatch(/garland's own/);
  });

  it('when git.base is no branch', async () => {
    expect(await refusal(new Project({ git: { base: 'mian' } }).start())).toMatch(/^git\.base: found "mian"/);
    expect(await refusal(new Project({ git: { base: '--all' } }).start())).toMatch(/^git\.base: found "--all"/);
  });

  it('when the remembered base is gone', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    project.git('branch', '--move', 'trunk');
    expect(await refusal(project)).toMatch(
      /main, which was checked out when the project first ran, is gone: set git\.base/,
    );
  });

  it.each([
    ['main', /git\.base/],
    ['a b', /no name for a branch/],
    ['-x', /no name for a branch/],
    ['garland', /in the way/],
    ['garland/issue/x', /in the way/],
  ])('with land.into %j', async (into, message) => {
    const said = await refusal(new Project({ land: { into } }).start());
    expect(said).toMatch(/^land\.into: found/);
    expect(said).toMatch(message);
  });

  it("when a branch of the user's takes the place of garland's branches", async () => {
    const project = new Project().start();
    project.git('branch', 'garland');
    expect(await refusal(project)).toMatch(/'refs\/heads\/garland' exists; cannot create/);
  });

  it.each(['', 'x'])('while the integration branch is checked out (%j)', async (other) => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    if (other === '') project.git('checkout', '--quiet', INTO);
    else project.git('worktree', 'add', '--quiet', `../${other}`, INTO);
    expect(await refusal(project)).toMatch(/is checked out in .*switch that folder/);
    expect(gitIn(other === '' ? project.top : join(project.top, '..', other), 'status', '--porcelain')).toBe('');
  });

  it('without git', async () => {
    const project = new Project().start();
    expect(await refusal(project, { ...USER_ENV, PATH: '/nonexistent' })).toMatch(/git was not found on PATH/);
  });

  it('with a git that is too old', async () => {
    const project = new Project().start();
    const bin = join(project.top, '../bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'git'), '#!/bin/sh\necho git version 2.29.9\n', { mode: 0o755 });
    expect(await refusal(project, { ...USER_ENV, PATH: bin })).toMatch(/git version 2\.29\.9 is too old/);
  });

  it('in a folder of the repository of which nothing is committed', async () => {
    const project = new Project({}, { inside: 'packages/new' }).start();
    expect(await refusal(project)).toMatch(/nothing of this folder is committed/);
  });

  it.each([
    ['../secret', /inside the project's folder/],
    ['/etc/passwd', /inside the project's folder/],
    ['.', /can't be copied/],
    ['.git/config', /can't be copied/],
    ['.garland', /can't be copied/],
    ['README.md', /git doesn't ignore "README\.md"/],
    ['untracked.txt', /git doesn't ignore "untracked\.txt"/],
  ])('with workspace.copy %j', async (path, message) => {
    const project = new Project({ workspace: { copy: [path] } }).start();
    write(project.dir, { 'untracked.txt': 'x' });
    const said = await refusal(project);
    expect(said).toMatch(/^workspace\.copy: /);
    expect(said).toMatch(message);
  });

  it('when what is to be copied holds the workspaces', async () => {
    const project = new Project({ workspace: { copy: ['build.log'], root: 'build.log/ws' } }).start();
    expect(await refusal(project)).toMatch(/holds the workspaces themselves/);
  });
});

describe('the integration branch', () => {
  it('is made from the branch that is checked out', async () => {
    const project = new Project().start();
    project.git('checkout', '--quiet', '-b', 'topic');
    const commit = project.commit('topic', { 't.txt': 't' });
    expect(await project.workspaces().prepareRun()).toEqual({ branch: INTO, base: 'topic' });
    expect(project.git('rev-parse', INTO)).toBe(commit);
  });

  it('follows the branch of the first run, whatever is checked out later', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    const commit = project.commit('newer', { 'n.txt': 'n' });
    project.git('checkout', '--quiet', '-b', 'topic');
    project.commit('topic', { 't.txt': 't' });
    expect(await project.workspaces().prepareRun()).toEqual({ branch: INTO, base: 'main' });
    expect(project.git('rev-parse', INTO)).toBe(commit);
    expect(JSON.parse(readFileSync(join(project.dir, '.garland/project.json'), 'utf8'))).toEqual({ base: 'main' });
  });

  it('follows git.base rather than the one remembered, which stays', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    project.git('checkout', '--quiet', '-b', 'topic');
    const commit = project.commit('topic', { 't.txt': 't' });
    project.config.git.base = 'topic';
    expect(await project.workspaces().prepareRun()).toEqual({ branch: INTO, base: 'topic' });
    expect(project.git('rev-parse', INTO)).toBe(commit);
    expect(JSON.parse(readFileSync(join(project.dir, '.garland/project.json'), 'utf8'))).toEqual({ base: 'main' });
  });

  it('follows a branch of a remote, too', async () => {
    const project = new Project({ git: { base: 'origin/main' } }).start();
    project.git('update-ref', 'refs/remotes/origin/main', 'main');
    expect(await project.workspaces().prepareRun()).toEqual({ branch: INTO, base: 'origin/main' });
  });

  it('stays when it has what the base has', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    const commit = await moveIntegration(project, { 'i.txt': 'i' });
    await project.workspaces().prepareRun();
    expect(project.git('rev-parse', INTO)).toBe(commit);
  });

  it('takes the base in when both have moved', async () => {
    const project = new Project().start({ 'deep/er/file.txt': 'x\n' });
    await project.workspaces().prepareRun();
    await moveIntegration(project, { 'i.txt': 'i', 'deep/er/file.txt': 'y\n' });
    project.commit('newer', { 'n.txt': 'n' });
    await project.workspaces().prepareRun();
    expect(project.landed().toSorted()).toEqual(MERGED);
    expect(project.landedFile('deep/er/file.txt')).toBe('y');
    expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
    expect(existsSync(join(project.dir, '.garland/landing'))).toBe(false);
  });

  it('is left alone when that conflicts, and a person is told what to do', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    const commit = await moveIntegration(project, { 'sub/both.txt': 'i\n' });
    project.commit('newer', { 'sub/both.txt': 'm\n' });
    expect(await refusal(project)).toMatch(
      /conflicts in sub\/both\.txt; nothing was.*'git merge garland\/integration' on main/,
    );
    expect(project.git('rev-parse', INTO)).toBe(commit);
    expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
    // What the message says to do.
    expect(tryGitIn(project.top, 'merge', INTO)).toBeUndefined();
    project.commit('resolved', { 'sub/both.txt': 'b\n' });
    await project.workspaces().prepareRun();
    expect(project.landedFile('sub/both.txt')).toBe('b');
  });

  it('is not merged with a base that it has nothing in common with', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    await moveIntegration(project, { 'i.txt': 'i' });
    project.git('checkout', '--quiet', '--orphan', 'other');
    project.commit('other', { 'o.txt': 'o' });
    project.config.git.base = 'other';
    expect(await refusal(project)).toMatch(/no common history/);
  });

  it('is made once by many at the same time', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    await moveIntegration(project, { 'i.txt': 'i' });
    project.commit('newer', { 'n.txt': 'n' });
    await Promise.all(Array.from({ length: 4 }, () => project.workspaces().prepareRun()));
    expect(project.landed().toSorted()).toEqual(MERGED);
  });

  it('is merged with what a crash in a merge left behind', async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    await moveIntegration(project, { 'i.txt': 'i' });
    project.commit('newer', { 'n.txt': 'n' });
    const scratch = join(project.dir, '.garland/landing');
    project.git('worktree', 'add', '--quiet', '--detach', scratch, INTO);
    write(scratch, { junk: 'x' });
    await project.workspaces().prepareRun();
    expect(project.landed()).toHaveLength(4);
    expect(existsSync(scratch)).toBe(false);
  });
});

/** As landing does. */
async function moveIntegration(project: Project, files: Record<string, string>): Promise<string> {
  const folder = join(project.top, '../elsewhere');
  project.git('worktree', 'add', '--quiet', '--detach', folder, INTO);
  const commit = commitIn(folder, 'integration', files);
  project.git('worktree', 'remove', folder);
  project.git('update-ref', `refs/heads/${INTO}`, commit);
  return commit;
}
