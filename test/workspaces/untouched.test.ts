import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { begin, commitIn, gitIn, Project, tryGitIn, work, write } from './project.js';

/** Everything in the user's checkout and repository but what garland is there to make: path, mode, times, content. */
function fingerprint(top: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string): void => {
    const file = join(top, path);
    if (GARLANDS_OWN.test(path)) return;
    const stats = lstatSync(file);
    if (stats.isDirectory()) {
      for (const name of readdirSync(file)) visit(path === '' ? name : `${path}/${name}`);
      return;
    }
    const content = stats.isSymbolicLink() ? readlinkSync(file) : readFileSync(file);
    found[path] = `${stats.mode} ${stats.mtimeMs} ${createHash('sha256').update(content).digest('hex')}`;
  };
  visit('');
  return found;
}

const GARLANDS_OWN = /^(\.garland|\.git\/(objects|worktrees|(logs\/)?refs\/heads\/garland))(\/|$)/;

it("leaves the user's checkout, index, branches, stash, configuration and hooks as they are", async () => {
  const project = new Project({
    verify: { commands: ['true'] },
    hooks: { after_create: 'true' },
    workspace: { copy: ['.env'] },
  });
  project.start({
    'staged.txt': 'a\n',
    'changed.txt': 'a\n',
    'both.txt': 'a\n',
    'deleted.txt': 'a\n',
    '.beads/issues.jsonl': 'one\n',
  });
  const { top } = project;
  makeMess(project);
  const status = project.git('--no-optional-locks', 'status', '--porcelain=v2');
  const refs = readUsersRefs(project);
  const before = fingerprint(top);
  expect(Object.keys(before)).toEqual(
    expect.arrayContaining(['.git/index', '.git/HEAD', '.git/config', '.git/MERGE_HEAD', 'conflicted.txt']),
  );

  const workspaces = project.workspaces();
  const one = await begin(project, workspaces, 'A1');
  const two = await begin(project, workspaces, 'A2');
  const three = await begin(project, workspaces, 'A3');
  commitIn(one, 'A1: work', { 'one.txt': '1\n', 'changed.txt': 'one\n' });
  write(two, { 'two.txt': '2\n', '.beads/issues.jsonl': 'agent\n' });
  commitIn(three, 'A3: work', { 'changed.txt': 'three\n' });
  expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ landing: 'landed' });
  expect(await workspaces.verify(work('A2'), project.options())).toMatchObject({ landing: 'landed' });
  expect(await workspaces.verify(work('A3'), project.options())).toMatchObject({ kind: 'conflict' });
  for (const id of ['A1', 'A2', 'A3']) await workspaces.remove(work(id), {}, project.attempt());
  // The base has moved, too, elsewhere: it is merged in.
  const base = gitIn(top, 'commit-tree', '-p', 'feature', '-m', 'newer', 'feature^{tree}');
  project.config.git.base = base;
  await project.workspaces().prepareRun();
  expect(project.landed()).toHaveLength(6);

  expect(fingerprint(top)).toEqual(before);
  expect(project.git('--no-optional-locks', 'status', '--porcelain=v2')).toBe(status);
  expect(readUsersRefs(project)).toEqual(refs);
});

function readUsersRefs(project: Project): string[] {
  return project
    .git('for-each-ref')
    .split('\n')
    .filter((line) => !line.includes('refs/heads/garland/'));
}

/** Staged, changed, both, deleted, untracked, ignored, a link, a stash, and a merge in the middle of a conflict. */
function makeMess(project: Project): void {
  const { top } = project;
  project.git('branch', 'feature');
  project.git('tag', 'v1');
  write(top, { 'changed.txt': 'stashed\n' });
  project.git('stash', '--quiet');
  project.git('checkout', '--quiet', '-b', 'other');
  project.commit('other', { 'conflicted.txt': 'other\n' });
  project.git('checkout', '--quiet', 'main');
  project.commit('main', { 'conflicted.txt': 'main\n' });
  expect(tryGitIn(top, 'merge', 'other')).toBeUndefined();
  write(top, { 'staged.txt': 'b\n', 'both.txt': 'b\n' });
  project.git('add', 'staged.txt', 'both.txt');
  write(top, {
    'both.txt': 'c\n',
    'changed.txt': 'b\n',
    'deleted.txt': null,
    'untracked.txt': 'u\n',
    '.env': 'SECRET\n',
  });
  symlinkSync('nowhere', join(top, 'link'));
}
