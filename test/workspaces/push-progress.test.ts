import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { begin, gitIn, NEVER, Project, tryGitIn, work, write } from './project.js';

const REF = 'refs/garland/wip/A1';

/** A project whose remote `origin` is a bare repository beside it. */
async function start(workspace: Record<string, unknown> = { wip_push: 'origin' }) {
  const project = new Project({ workspace }).start({ 'a.txt': 'a\n' });
  const remote = join(project.top, '..', 'remote.git');
  mkdirSync(remote);
  gitIn(remote, 'init', '--quiet', '--bare', '.');
  project.git('remote', 'add', 'origin', remote);
  const workspaces = project.workspaces();
  const path = await begin(project, workspaces, 'A1');
  const keep = async (content: string) => {
    write(path, { 'a.txt': content });
    await workspaces.keepProgress(work('A1'), NEVER);
  };
  const push = () => workspaces.pushProgress(work('A1'), NEVER);
  const pushedFile = () => tryGitIn(remote, 'show', `${REF}:a.txt`);
  return { project, remote, workspaces, path, keep, push, pushedFile };
}

const refsOf = (remote: string) => gitIn(remote, 'for-each-ref', '--format=%(refname)');

describe('pushProgress', () => {
  it('pushes what was kept, and later what was kept instead, although it does not follow from that', async () => {
    const { keep, push, pushedFile, remote } = await start();
    await keep('one');
    await push();
    expect(pushedFile()).toBe('one');
    await keep('two');
    await push();
    expect(pushedFile()).toBe('two');
    expect(refsOf(remote)).toBe(REF);
  });

  it('pushes nothing where no remote is configured', async () => {
    const { keep, push, remote } = await start({});
    await keep('one');
    await push();
    expect(refsOf(remote)).toBe('');
  });

  it('does not ask the remote when nothing was kept, or nothing since', async () => {
    const { keep, push, remote } = await start();
    await push();
    await keep('one');
    await push();
    renameSync(remote, `${remote}-away`);
    await push();
  });

  it('says what is wrong with a remote, and changes nothing', async () => {
    const { project, keep, push, path, pushedFile, remote } = await start();
    await keep('one');
    const before = [gitIn(path, 'status', '--porcelain'), project.git('rev-parse', REF)];
    renameSync(remote, `${remote}-away`);
    await expect(push()).rejects.toThrow(/^git push: the remote origin: .*remote\.git/);
    expect([gitIn(path, 'status', '--porcelain'), project.git('rev-parse', REF)]).toEqual(before);
    renameSync(`${remote}-away`, remote);
    await push();
    expect(pushedFile()).toBe('one');
  });

  it('takes it away at the remote with the workspace, and says so when that fails', async () => {
    const { project, workspaces, keep, push, remote } = await start();
    const remove = () => workspaces.remove(work('A1'), {}, project.attempt());
    await keep('one');
    await push();
    expect(await remove()).toEqual([]);
    expect(refsOf(remote)).toBe('');
    expect(project.git('for-each-ref', 'refs/garland/wip', 'refs/garland/wip-pushed')).toBe('');

    await begin(project, workspaces, 'A1');
    await keep('two');
    await push();
    renameSync(remote, `${remote}-away`);
    expect(await remove()).toEqual([expect.stringMatching(/^refs\/garland\/wip\/A1 is left at origin: git push: /)]);
  });

  it('fetched into another clone it is all there', async () => {
    const { project, keep, push, remote } = await start();
    await keep('one');
    await push();
    const clone = join(project.top, '..', 'clone');
    mkdirSync(clone);
    gitIn(clone, 'init', '--quiet', '.');
    gitIn(clone, 'fetch', '--quiet', remote, REF);
    expect(gitIn(clone, 'show', 'FETCH_HEAD:a.txt')).toBe('one');
  });
});
