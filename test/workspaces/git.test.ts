import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readGitHubToken } from '../../src/github/token.js';
import { createGit } from '../../src/workspaces/git.js';
import { begin, gitIn, Project, USER_ENV, work, write } from './project.js';

describe('git', () => {
  it('works in the folder that it is given, whatever the environment says', async () => {
    const project = new Project().start();
    const other = new Project().start();
    other.commit('other', { 'x.txt': 'x' });
    const git = createGit({
      ...USER_ENV,
      GIT_DIR: join(other.top, '.git'),
      GIT_WORK_TREE: other.top,
      GIT_INDEX_FILE: '/nowhere/index',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.bare',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_TRACE: '1',
    });
    expect(await git.run(project.dir, ['log', '--format=%s'])).toBe('base');
    const { stderr } = await git.attempt(project.dir, ['status']);
    expect(stderr).toBe('');
  });

  it('starts no program of a repository with what is a secret of garland', async () => {
    const project = new Project().start();
    const [filtered, fetched] = ['filtered', 'fetched'].map((name) => join(project.top, '..', name));
    // As an agent can, who writes to the same .git/config.
    project.git('config', 'filter.spy.clean', `env >'${filtered}'; cat`);
    project.git('remote', 'add', 'origin', project.top);
    project.git('config', 'remote.origin.uploadpack', `env >'${fetched}'; git-upload-pack`);
    write(project.top, { '.gitattributes': '*.spied filter=spy\n', 'a.spied': 'a' });
    readGitHubToken('$MY_PAT', { MY_PAT: 'planted-pat' });
    const tokens = { GITHUB_TOKEN: 'planted-1', GH_TOKEN: 'planted-2', MY_PAT: 'planted-pat' };
    const git = createGit({ ...USER_ENV, ...tokens, TEMPORAL_API_KEY: 'planted-3' });
    await git.run(project.top, ['add', '--all']);
    expect(readFileSync(filtered!, 'utf8')).not.toContain('planted');
    await git.run(project.top, ['-c', 'fetch.prune=false', 'fetch', '--quiet', 'origin']);
    const given = readFileSync(fetched!, 'utf8').split('\n');
    expect(given.filter((line) => line.includes('planted')).toSorted()).toEqual(
      Object.entries(tokens)
        .map(([name, value]) => `${name}=${value}`)
        .toSorted(),
    );
  });

  it('says what went wrong in one line', async () => {
    const project = new Project().start();
    const git = createGit(USER_ENV);
    await expect(git.run(project.dir, ['-c', 'x.y=z', 'checkout', 'nothing'])).rejects.toThrow(
      new RegExp(
        `^git checkout in ${project.dir} failed: pathspec 'nothing' did not match any file\\(s\\) known to git$`,
      ),
    );
    await expect(git.run(join(project.dir, 'missing'), ['status'])).rejects.toThrow(/missing: the folder is gone/);
    const none = createGit({ PATH: '/nonexistent' });
    await expect(none.run(project.dir, ['status'])).rejects.toThrow(/git was not found on PATH/);
  });

  it('is stopped after its time, and by a signal', async () => {
    const project = new Project().start();
    const git = createGit({ ...USER_ENV, PATH: withGit(project, 'exec sleep 60') });
    await expect(git.run(project.dir, ['status'], { timeoutMs: 100 })).rejects.toThrow(/took too long and was stopped/);
    const controller = new AbortController();
    const running = git.run(project.dir, ['status'], { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it('waits for a lock that another git is about to release', async () => {
    const project = new Project().start();
    const path = await begin(project, project.workspaces(), 'A1');
    write(path, { 'a.txt': 'a' });
    const lock = join(project.top, '.git/worktrees/A1/index.lock');
    writeFileSync(lock, '');
    const calls = join(project.top, '../calls');
    const env = {
      ...USER_ENV,
      PATH: withGit(project, `echo call >>'${calls}'; PATH='${USER_ENV.PATH}' exec git "$@"`),
    };
    const added = createGit(env).run(path, ['add', 'a.txt']);
    await vi.waitFor(() => expect(readFileSync(calls, 'utf8')).toMatch(/call\ncall\n/), { timeout: 10_000 });
    write(join(lock, '..'), { 'index.lock': null });
    await added;
    expect(gitIn(path, 'diff', '--cached', '--name-only')).toBe('a.txt');
  });
});

describe("the user's configuration", () => {
  it('neither changes what garland does nor is it changed', async () => {
    const project = new Project().start({ 'a.txt': 'one\n' });
    const ran = join(project.top, '../hook-ran');
    for (const hook of [
      'pre-commit',
      'commit-msg',
      'post-checkout',
      'post-commit',
      'pre-rebase',
      'pre-merge-commit',
      'reference-transaction',
      'post-rewrite',
      'post-merge',
      'post-index-change',
    ]) {
      const file = join(project.top, '.git/hooks', hook);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, `#!/bin/sh\necho ${hook} >>'${ran}'\nexit 1\n`);
      chmodSync(file, 0o755);
    }
    const config = `
[commit]
  gpgSign = true
  template = /nonexistent
[gpg]
  program = /bin/false
[rebase]
  updateRefs = true
  autoStash = true
  missingCommitsCheck = error
[branch]
  autoSetupMerge = always
  autoSetupRebase = always
[merge]
  ff = only
  conflictStyle = diff3
[pull]
  rebase = true
[core]
  editor = /bin/false
  pager = /bin/false
[status]
  showUntrackedFiles = no
  relativePaths = false
[color]
  ui = always
[worktree]
  useRelativePaths = true
[alias]
  status = log
`;
    const file = join(project.top, '.git/config');
    writeFileSync(file, readFileSync(file, 'utf8') + config);
    const before = readFileSync(file, 'utf8');

    const workspaces = project.workspaces();
    const one = await begin(project, workspaces, 'A1');
    const two = await begin(project, workspaces, 'A2');
    write(one, { 'one.txt': '1\n' });
    write(two, { 'two.txt': '2\n' });
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(await workspaces.verify(work('A2'), project.options())).toMatchObject({ accepted: true });
    await workspaces.remove(work('A1'), {}, project.attempt());
    await workspaces.remove(work('A2'), {}, project.attempt());
    expect(project.landed()).toEqual(['A2: Title of A2', 'A1: Title of A1', 'base']);
    expect(existsSync(ran)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('who commits', () => {
  async function whoCommits(env: NodeJS.ProcessEnv, config: Record<string, string> = {}): Promise<string> {
    const project = new Project().start();
    for (const [key, value] of Object.entries(config)) project.git('config', key, value);
    const workspaces = project.workspaces({ env });
    write(await begin(project, workspaces, 'A1'), { 'a.txt': 'a\n' });
    await workspaces.verify(work('A1'), project.options());
    return project.git('log', '-1', '--format=%an <%ae>, %cn <%ce>', 'garland/integration');
  }
  const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL, ...NOBODY } = USER_ENV;

  it('is the user, as the environment or the configuration says', async () => {
    const fromEnv = { ...NOBODY, GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL };
    expect(await whoCommits(fromEnv)).toBe('User <user@example.org>, User <user@example.org>');
    const fromConfig = { 'user.name': 'Conf', 'user.email': 'c@example.org' };
    expect(await whoCommits(NOBODY, fromConfig)).toBe('Conf <c@example.org>, Conf <c@example.org>');
  });

  it('is garland where nobody is known to git', async () => {
    const own = 'garland <garland@localhost>';
    expect(await whoCommits(NOBODY)).toBe(`${own}, ${own}`);
    expect(await whoCommits(NOBODY, { 'user.name': 'Half' })).toBe(
      'Half <garland@localhost>, Half <garland@localhost>',
    );
  });
});

/** A PATH on which another program stands for git. */
function withGit(project: Project, script: string): string {
  const bin = join(project.top, '../bin');
  write(bin, { git: `#!/bin/sh\n${script}\n` });
  chmodSync(join(bin, 'git'), 0o755);
  return `${bin}:${USER_ENV.PATH}`;
}
