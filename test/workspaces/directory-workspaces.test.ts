import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NEVER, Project, work } from './project.js';

const start = (config: Record<string, unknown> = {}) => new Project({ workspace: { kind: 'directory' }, ...config });

it('is the project folder itself, without git', async () => {
  const project = start({ hooks: { after_create: 'touch created', before_run: 'touch "before-$GARLAND_ISSUE_ID"' } });
  const workspaces = project.workspaces({ env: { PATH: process.env.PATH } });
  expect(workspaces.kind).toBe('directory');
  expect(workspaces.path('A1')).toBe(project.dir);
  expect(await workspaces.prepareRun()).toBeNull();
  expect(await workspaces.ensure(work('A1'), {}, project.attempt(), NEVER)).toEqual({
    path: project.dir,
    baseBranch: '',
    notes: [],
  });
  await workspaces.runHook('before_run', work('A1'), {}, project.attempt(), NEVER);
  expect(existsSync(join(project.dir, 'before-A1'))).toBe(true);
  expect(existsSync(join(project.dir, 'created'))).toBe(false);
  expect(await workspaces.holds(work('A1'), 'any')).toBe(true);
  await workspaces.remove(work('A1'), {}, project.attempt());
  expect(existsSync(project.dir)).toBe(true);
});

it('accepts what passes the gate, which runs once for an attempt', async () => {
  const project = start({ verify: { commands: ['echo x >>ran'] } });
  const options = project.options();
  const verdict = { accepted: true, landing: 'nothing', reason: 'the gate passed in the project folder' };
  expect(await project.workspaces().verify(work('A1'), options)).toEqual(verdict);
  expect(await project.workspaces().verify(work('A1'), options)).toEqual(verdict);
  expect(readFileSync(join(project.dir, 'ran'), 'utf8')).toBe('x\n');
});

it('refuses what does not', async () => {
  const project = start({ verify: { commands: ['echo no; exit 1'] } });
  const verdict = await project.workspaces().verify(work('A1'), project.options());
  expect(verdict).toMatchObject({ accepted: false, kind: 'gate_failed', reason: /no$/ });
});

it('runs no gate when it is to stop', async () => {
  const project = start({ verify: { commands: ['touch ran'] } });
  const signal = AbortSignal.abort({ kind: 'stop', reason: 'aborted' });
  const verdict = await project.workspaces().verify(work('A1'), project.options({ signal }));
  expect(verdict).toEqual({ accepted: false, kind: 'aborted', reason: 'aborted' });
  expect(existsSync(join(project.dir, 'ran'))).toBe(false);
});
