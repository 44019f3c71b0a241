import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { begin, commitIn, gitIn, Project, work, write } from './project.js';

describe('verify', () => {
  it('lands what the agent committed', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    const commit = commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    expect(await workspaces.verify(work('A1'), project.options())).toEqual({
      accepted: true,
      landing: 'landed',
      commit,
      reason: expect.stringContaining('garland/integration'),
    });
    expect(project.landed()).toEqual(['A1: work', 'base']);
    expect(await workspaces.holds(work('A1'), commit)).toBe(true);
  });

  it('commits what the agent left, but nothing that git ignores', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    write(path, { 'new/file.txt': 'new\n', 'README.md': 'changed\n', 'x.log': 'ignored', '.gitignore': null });
    gitIn(path, 'rm', '--quiet', '--cached', '.gitignore');
    write(path, { '.gitignore': '*.log\n' });
    const verdict = await workspaces.verify(work('A1', 'Do it\nwith care'), project.options());
    expect(verdict).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: Do it', 'base']);
    expect(project.git('diff', '--name-only', 'main', 'garland/integration').split('\n')).toEqual([
      '.gitignore',
      'README.md',
      'new/file.txt',
    ]);
    expect(existsSync(join(path, 'x.log'))).toBe(true);
    expect(readFileSync(join(path, 'x.log'), 'utf8')).toBe('ignored');
  });
});
