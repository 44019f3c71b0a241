import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { fitName, openProject } from '../../src/config/project.js';
import { PROJECT_NAME } from '../../src/config/schema.js';
import { makeFolder, messageOf } from './temporary-folder.js';

describe("the project's folder", () => {
  it.each([
    ['the current one, by its WORKFLOW.md', { 'a/.git/': '', 'a/WORKFLOW.md': 'x' }, 'a', 'a'],
    ['the current one, by its .beads', { 'a/.git/': '', 'a/.beads/': '' }, 'a', 'a'],
    ['further up', { 'a/.git/': '', 'a/WORKFLOW.md': 'x', 'a/b/c/': '' }, 'a/b/c', 'a'],
    ['further up, by .beads', { 'a/.git/': '', 'a/.beads/issues.jsonl': '', 'a/b/c/': '' }, 'a/b/c', 'a'],
    ['the nearest of two', { 'a/.git/': '', 'a/WORKFLOW.md': 'x', 'a/b/.beads/': '', 'a/b/c/': '' }, 'a/b/c', 'a/b'],
    ['outside of git, too', { 'a/WORKFLOW.md': 'x', 'a/b/c/': '' }, 'a/b/c', 'a'],
    ["the repository's top when nothing is found", { 'WORKFLOW.md': 'x', 'a/.git/': '', 'a/b/': '' }, 'a/b', 'a'],
    ["a worktree's top when nothing is found", { 'WORKFLOW.md': 'x', 'a/.git': 'gitdir: x', 'a/b/': '' }, 'a/b', 'a'],
  ])('is %s', async (_, files, cwd, dir) => {
    const root = await makeFolder(files);
    const project = await openProject({ cwd: join(root, cwd) });
    expect(project).toMatchObject({ dir: join(root, dir), configFile: join(root, dir, 'WORKFLOW.md') });
    expect(project.exists).toBe(`${dir}/WORKFLOW.md` in files);
  });

  it('has no symbolic links on its way', async () => {
    const root = await makeFolder({ 'real/.git/': '', 'real/WORKFLOW.md': 'Do it.' });
    await symlink(join(root, 'real'), join(root, 'link'));
    const through = await openProject({ cwd: join(root, 'link') });
    expect(through).toMatchObject({ dir: join(root, 'real'), name: 'real', promptTemplate: 'Do it.' });
    const named = await openProject({ cwd: root, configFile: 'link/WORKFLOW.md' });
    expect(named).toMatchObject({ dir: join(root, 'real'), configFile: join(root, 'real/WORKFLOW.md') });
  });

  it('is an error when it is gone', async () => {
    const root = await makeFolder({ 'a/': '' });
    await rm(join(root, 'a'), { recursive: true });
    expect(await messageOf(() => openProject({ cwd: join(root, 'a') }))).toBe(
      `folder: found no folder ${join(root, 'a')}, allowed: one that exists`,
    );
  });
});

describe('--config', () => {
  it('makes the folder of a WORKFLOW.md the project', async () => {
    const root = await makeFolder({ 'here/.git/': '', 'there/WORKFLOW.md': '---\nproject: t\n---\n' });
    const project = await openProject({ cwd: join(root, 'here'), configFile: '../there/WORKFLOW.md' });
    expect(project).toMatchObject({ name: 't', dir: join(root, 'there'), exists: true });
  });

  it('takes any other file as settings for the project at hand', async () => {
    const root = await makeFolder({
      'app/.git/': '',
      'app/WORKFLOW.md': '---\nproject: day\n---\n',
      'app/ci/night.md': '---\nproject: night\n---\n',
      'app/src/': '',
    });
    const project = await openProject({ cwd: join(root, 'app/src'), configFile: '../ci/night.md' });
    expect(project).toMatchObject({ name: 'night', dir: join(root, 'app'), configFile: join(root, 'app/ci/night.md') });
  });

  it('has to be there', async () => {
    const root = await makeFolder({ '.git/': '' });
    for (const configFile of ['no.md', 'no/such/WORKFLOW.md']) {
      expect(await messageOf(() => openProject({ cwd: root, configFile }))).toBe(
        `--config: found no file ${join(root, configFile)}, allowed: a WORKFLOW.md that exists`,
      );
    }
  });
});

describe("the project's name", () => {
  it('is the configured one, else that of the folder', async () => {
    const root = await makeFolder({
      'shop/.git/': '',
      'till/.git/': '',
      'till/WORKFLOW.md': '---\nproject: Till.2\n---\n',
    });
    expect(await openProject({ cwd: join(root, 'shop') })).toMatchObject({ name: 'shop', warnings: [] });
    expect(await openProject({ cwd: join(root, 'till') })).toMatchObject({ name: 'Till.2', warnings: [] });
  });

  it('is made to fit, and that is told', async () => {
    const root = await makeFolder({ 'my new app/.git/': '' });
    expect(await openProject({ cwd: join(root, 'my new app') })).toMatchObject({
      name: 'my-new-app',
      warnings: [
        "project: the folder's name \"my new app\" can't be a project's name, so it is my-new-app; set project in WORKFLOW.md for another",
      ],
    });
  });

  it.each([
    ['shop', 'shop'],
    ['.dotfiles', 'dotfiles'],
    ['a  b/c', 'a-b-c'],
    ['café', 'caf-'],
    ['東京', 'project'],
    ['', 'project'],
    ['x'.repeat(120), 'x'.repeat(100)],
  ])('of %j is %j', (folder, name) => {
    expect(fitName(folder)).toBe(name);
  });

  it('fits the rule for any folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (folder) => {
        expect(fitName(folder)).toMatch(PROJECT_NAME);
      }),
    );
  });
});

it('has the flags applied, and passes on what is wrong with them or the file', async () => {
  const root = await makeFolder({ '.git/': '', 'WORKFLOW.md': '---\nagent: {max_concurrent_agents: 2}\n---\n' });
  const project = await openProject({ cwd: root, overrides: { maxAgents: '8' } });
  expect(project.config.agent.max_concurrent_agents).toBe(8);
  expect(await messageOf(() => openProject({ cwd: root, overrides: { maxAgents: '0' } }))).toMatch(/^--max-agents: /);
  await rm(join(root, 'WORKFLOW.md'));
  await mkdir(join(root, 'WORKFLOW.md'));
  expect(await messageOf(() => openProject({ cwd: root }))).toMatch(/WORKFLOW\.md: found a folder, allowed: a file$/);
});
