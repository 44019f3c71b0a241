import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UserError } from '../../src/errors.js';
import { createGit, type Git } from '../../src/workspaces/git.js';
import type { RemoteBranches, Workspaces } from '../../src/workspaces/workspaces.js';
import { begin, commitIn, gitIn, Project, tryGitIn, USER_ENV, work } from './project.js';

const BRANCH = 'garland/issue/A1';

/** A project whose remote is a bare repository beside it, and a clone of somebody else's. */
function makeProject(config: Record<string, unknown> = {}) {
  const project = new Project({ land: { strategy: 'pr' }, ...config }).start();
  const beside = (name: string): string => join(project.top, '..', name);
  const bare = beside('remote.git');
  gitIn(project.top, 'clone', '--quiet', '--bare', project.top, bare);
  project.git('remote', 'add', 'origin', bare);
  gitIn(project.top, 'clone', '--quiet', bare, beside('other'));
  const other = beside('other');
  return { project, bare, other, workspaces: project.workspaces() };
}

const remoteOf = ({ remote }: Workspaces): RemoteBranches => {
  if (remote === undefined) throw new Error('no remote');
  return remote;
};

/** All branches of a repository with their commits. */
const refsOf = (repository: string): string => gitIn(repository, 'for-each-ref', '--format=%(refname) %(objectname)');
const at = (bare: string, branch = BRANCH): string | undefined => tryGitIn(bare, 'rev-parse', `refs/heads/${branch}`);

/** What somebody else adds to a branch of the remote. */
function pushAs(other: string, branch: string, files: Record<string, string>): string {
  gitIn(other, 'fetch', '--quiet', 'origin');
  gitIn(other, 'checkout', '--quiet', '-B', branch, `origin/${branch}`);
  const commit = commitIn(other, 'theirs', files);
  gitIn(other, 'push', '--quiet', 'origin', branch);
  return commit;
}

describe('land.strategy pr, without a pull request', () => {
  it("pushes the issue's branch, reads it back, and touches nothing else there or here", async () => {
    const { project, bare, workspaces } = makeProject();
    const path = await begin(project, workspaces, 'A1');
    const before = { remote: refsOf(bare), main: project.git('rev-parse', 'main') };
    const commit = commitIn(path, 'work', { 'a.txt': '1\n' });
    const verdict = await workspaces.verify(work('A1'), project.options());
    expect(verdict).toEqual({
      accepted: true,
      landing: 'pushed',
      commit,
      reason: `pushed to origin on ${BRANCH} as ${commit.slice(0, 12)}`,
    });
    expect(refsOf(bare)).toBe(`refs/heads/${BRANCH} ${commit}\n${before.remote}`);
    expect(project.git('rev-parse', 'main')).toBe(before.main);
    expect(project.git('rev-parse', 'garland/integration')).toBe(before.main);
    expect(await workspaces.holds(work('A1'), commit)).toBe(true);
    expect(await workspaces.holds(work('A2'), commit)).toBe(false);
  });

  it('replaces what it has pushed itself, however that was changed', async () => {
    const { project, bare, workspaces } = makeProject();
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'work', { 'a.txt': '1\n' });
    await workspaces.verify(work('A1'), project.options());
    gitIn(path, 'commit', '--quiet', '--amend', '-m', 'better');
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(gitIn(bare, 'log', '--format=%s', BRANCH)).toBe('better\nbase');
  });

  it("never replaces somebody else's commits, and takes them once they are part of the work", async () => {
    const { project, bare, other, workspaces } = makeProject();
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'work', { 'a.txt': '1\n' });
    await workspaces.verify(work('A1'), project.options());
    const theirs = pushAs(other, BRANCH, { 'b.txt': '2\n' });
    commitIn(path, 'more work', { 'c.txt': '3\n' });
    const rejected = await workspaces.verify(work('A1'), project.options());
    expect(rejected).toMatchObject({ accepted: false, kind: 'conflict' });
    expect(at(bare)).toBe(theirs);
    const [, command = ''] = /Run 'git (rebase \S+)'/.exec(rejected.reason) ?? [];
    gitIn(path, ...command.split(' '));
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(gitIn(bare, 'log', '--format=%s', BRANCH)).toBe('more work\ntheirs\nwork\nbase');
  });

  it('leaves a branch alone that it has never pushed', async () => {
    const { project, bare, other, workspaces } = makeProject();
    gitIn(other, 'push', '--quiet', 'origin', `main:refs/heads/${BRANCH}`);
    const theirs = pushAs(other, BRANCH, { 'b.txt': '2\n' });
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'work', { 'a.txt': '1\n' });
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: false, kind: 'conflict' });
    expect(at(bare)).toBe(theirs);
  });

  it('loses no race: what is pushed between its look and its push stays', async () => {
    const { project, bare, other } = makeProject();
    let theirs = '';
    const git = createGit(USER_ENV);
    const racing: Git = {
      run: git.run,
      attempt: (cwd, args, options) => {
        if (args[0] === 'push' && !args.includes('--dry-run') && theirs === '') {
          gitIn(other, 'push', '--quiet', 'origin', `main:refs/heads/${BRANCH}`);
          theirs = pushAs(other, BRANCH, { 'b.txt': '2\n' });
        }
        return git.attempt(cwd, args, options);
      },
    };
    const workspaces = project.workspaces({ git: racing });
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'work', { 'a.txt': '1\n' });
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: false, kind: 'conflict' });
    expect(at(bare)).toBe(theirs);
  });

  it.each(['before', 'after'])('is found again when garland died right %s the push', async (when) => {
    const { project, bare } = makeProject({ verify: { commands: ['echo ran >> "$GARLAND_WORKSPACE/../../ran"'] } });
    const git = createGit(USER_ENV);
    const dying: Git = {
      run: git.run,
      attempt: async (cwd, args, options) => {
        const isPush = args[0] === 'push' && !args.includes('--dry-run');
        if (isPush && when === 'before') throw new Error('died');
        const result = await git.attempt(cwd, args, options);
        if (isPush) throw new Error('died');
        return result;
      },
    };
    const path = await begin(project, project.workspaces(), 'A1');
    const commit = commitIn(path, 'work', { 'a.txt': '1\n' });
    const options = project.options();
    await expect(project.workspaces({ git: dying }).verify(work('A1'), options)).rejects.toThrow('died');
    expect(at(bare)).toBe(when === 'before' ? undefined : commit);
    // Another attempt may come instead of the same again: what it pushed counts as garland's own.
    const workspaces = project.workspaces();
    expect(await workspaces.verify(work('A1'), options)).toMatchObject({ accepted: true, commit });
    gitIn(path, 'commit', '--quiet', '--amend', '-m', 'better');
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(gitIn(bare, 'log', '--format=%s', BRANCH)).toBe('better\nbase');
  });

  it('takes a push for its own whose attempt was never taken up again', async () => {
    const { project, bare } = makeProject();
    const path = await begin(project, project.workspaces(), 'A1');
    commitIn(path, 'work', { 'a.txt': '1\n' });
    const git = createGit(USER_ENV);
    const dying: Git = {
      run: git.run,
      attempt: async (cwd, args, options) => {
        const result = await git.attempt(cwd, args, options);
        if (args[0] === 'push' && !args.includes('--dry-run')) throw new Error('died');
        return result;
      },
    };
    await expect(project.workspaces({ git: dying }).verify(work('A1'), project.options())).rejects.toThrow('died');
    gitIn(path, 'commit', '--quiet', '--amend', '-m', 'better');
    expect(await project.workspaces().verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(gitIn(bare, 'log', '--format=%s', BRANCH)).toBe('better\nbase');
  });

  it('says what the remote says when it refuses', async () => {
    const { project, bare, workspaces } = makeProject();
    const path = await begin(project, workspaces, 'A1');
    const hook = join(bare, 'hooks/pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho no such branches here >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    commitIn(path, 'work', { 'a.txt': '1\n' });
    await expect(workspaces.verify(work('A1'), project.options())).rejects.toThrow(
      /^git push: the remote origin: .*pre-receive hook declined.*; no such branches here;/,
    );
    expect(at(bare)).toBeUndefined();
  });
});

describe('where workspaces start', () => {
  it("is the remote's base branch as it is right then, not the user's own", async () => {
    const { project, other, workspaces } = makeProject();
    project.commit('not pushed', { 'mine.txt': '1\n' });
    const one = await begin(project, workspaces, 'A1');
    expect(existsSync(join(one, 'mine.txt'))).toBe(false);
    pushAs(other, 'main', { 'merged.txt': '1\n' });
    const { path: two } = await workspaces.ensure(work('A2'), {}, project.attempt(), new AbortController().signal);
    expect(existsSync(join(two, 'merged.txt'))).toBe(true);
  });

  it('is refused when the integration branch has work that is nowhere else', async () => {
    const { project, workspaces } = makeProject();
    project.git('checkout', '--quiet', '-b', 'garland/integration');
    project.commit('landed before', { 'x.txt': '1\n' });
    project.git('checkout', '--quiet', 'main');
    await expect(workspaces.prepareRun()).rejects.toThrow(
      'garland/integration has commits that origin/main lacks, so what starts from it would bring them along',
    );
  });
});

describe('a remote that is no use', () => {
  it.each([
    ['is not there', 'git remote remove origin', 'land.remote: found "origin", but'],
    ['leads nowhere', 'git remote set-url origin /nonexistent/x.git', 'git fetch: the remote origin: '],
    ['lacks the base branch', 'git checkout --quiet -b fresh', "couldn't find remote ref refs/heads/fresh"],
  ])('is told before anything starts: it %s', async (_, command, message) => {
    const { project, workspaces } = makeProject();
    project.git(...command.split(' ').slice(1));
    const error = await workspaces.prepareRun().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(message);
  });

  it('is told without the password in its address', async () => {
    const { project, workspaces } = makeProject();
    const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    project.git('remote', 'set-url', 'origin', `http://me:planted-secret@127.0.0.1:${port}/x.git`);
    const error = await workspaces.prepareRun().catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(`'http://127.0.0.1:${port}/x.git/' not found`);
    expect(String(error)).not.toContain('planted-secret');
    expect((await remoteOf(workspaces).describe()).address).toBe(`http://127.0.0.1:${port}/x.git`);
  });
});

describe('what was pushed', () => {
  it('is merged once the base branch there holds it, and can be forgotten then', async () => {
    const { project, other, workspaces } = makeProject();
    const remote = remoteOf(workspaces);
    const path = await begin(project, workspaces, 'A1');
    const commit = commitIn(path, 'work', { 'a.txt': '1\n' });
    await workspaces.verify(work('A1'), project.options());
    await workspaces.remove(work('A1'), {}, project.attempt());
    expect(project.git('rev-parse', BRANCH)).toBe(commit);
    expect(await remote.isMerged('A1')).toBe(false);
    gitIn(other, 'fetch', '--quiet');
    gitIn(other, 'merge', '--quiet', '--no-ff', `origin/${BRANCH}`);
    gitIn(other, 'push', '--quiet', 'origin', 'main', `:${BRANCH}`);
    expect(await remote.isMerged('A1')).toBe(true);
    expect(await remote.isMerged('A2')).toBe(false);
    expect(await workspaces.holds(work('A1'), commit)).toBe(true);
    await remote.forget('A1');
    await remote.forget('A1');
    expect(project.git('for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/garland')).toBe(
      'refs/garland/base/origin/main\nrefs/heads/garland/integration\nrefs/heads/main',
    );
  });

  it('is not forgotten while the branch here holds more', async () => {
    const { project, workspaces } = makeProject();
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'work', { 'a.txt': '1\n' });
    await workspaces.verify(work('A1'), project.options());
    const more = commitIn(path, 'more', { 'b.txt': '1\n' });
    await workspaces.remove(work('A1'), {}, project.attempt());
    await remoteOf(workspaces).forget('A1');
    expect(project.git('rev-parse', BRANCH)).toBe(more);
  });
});
