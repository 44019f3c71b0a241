import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeFakeProject } from '../trackers/beads-fixture.js';
import { makeEpic, makeIssue } from '../trackers/make-issue.js';
import { br as command, hasBr, whyNoBr } from '../trackers/real-br.js';
import { makeProject, startGarland } from './project-folder.js';

const works = '[ "$GARLAND_ISSUE_ID" != "$FAILS" ] && echo "$GARLAND_ISSUE_ID" > "$GARLAND_ISSUE_ID.txt"';
const workflow = (fails: string) => `---\nagent: { command: 'FAILS=${fails}; ${works}', max_attempts: 1 }\n---\n`;

test('a project with a database is worked off by the program beside it, and says so', async () => {
  const project = makeFakeProject([
    makeEpic('shop-e'),
    makeIssue('shop-1', { parents: ['shop-e'] }),
    makeIssue('shop-2', { parents: ['shop-e'], blockers: ['shop-1'] }),
    makeIssue('shop-3'),
  ]);
  const { dir } = await makeProject({ git: 'none' });
  const git = (...args: string[]) => execa('git', args, { cwd: project.dir });
  expect(dir).not.toBe(project.dir);
  await writeFile(join(project.dir, 'WORKFLOW.md'), workflow('shop-3'));
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'test');
  await git('config', 'user.email', 'test@garland.invalid');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'start');
  const env = { PATH: `${dirname(project.command)}:${process.env['PATH']}` };

  const dry = await startGarland(['run', '--dry-run'], { cwd: project.dir, env });
  expect(dry.stderr).toContain('garland: tracker: beads (by br: there is the database .beads/beads.db)');
  expect(dry.stdout).toMatch(/shop-1 .*\n.*shop-3 /);

  const run = await startGarland(['run'], { cwd: project.dir, env });
  expect(run.stderr).toContain('garland: tracker: beads (by br');
  expect(run.stdout).toContain('2 succeeded');
  expect(run.exitCode).toBe(1);
  const rows = new Map(project.read().map((row) => [row['id'], row]));
  const closed = { status: 'closed', labels: [], close_reason: expect.stringContaining('landed') };
  expect(rows.get('shop-1')).toMatchObject(closed);
  expect(rows.get('shop-2')).toMatchObject(closed);
  expect(rows.get('shop-e')).toMatchObject({ status: 'closed' });
  expect(rows.get('shop-3')).toMatchObject({
    status: 'open',
    labels: ['needs-followup'],
    notes: expect.stringContaining('garland: not accepted'),
  });
});

describe.skipIf(!hasBr)(`garland run with br itself${whyNoBr}`, () => {
  test('works off an epic in its order, closes it, and leaves br sound', async () => {
    const project = await makeProject({ workflow: 'tracker: {}' });
    const br = async (...args: string[]): Promise<unknown> => {
      const { stdout } = await execa(command, [...args, '--json'], { cwd: project.dir });
      return JSON.parse(stdout);
    };
    const create = async (title: string, ...args: string[]): Promise<string> => {
      const created = (await br('create', `--title=${title}`, ...args)) as { id: string };
      return created.id;
    };
    await execa('rm', ['-r', '.beads'], { cwd: project.dir });
    await br('init', '--prefix', 'shop');
    const epic = await create('The shop', '--type', 'epic');
    const first = await create('First', '--parent', epic, '--priority', '3');
    const second = await create('Second', '--parent', epic, '--priority', '0', '--deps', `blocks:${first}`);
    const failing = await create('-- starts with dashes', '--description', 'Fails');
    await writeFile(
      join(project.dir, 'WORKFLOW.md'),
      `---\ntracker: { provider: { command: ${JSON.stringify(command)} } }\nagent: { command: 'FAILS=${failing}; ${works}', max_attempts: 1 }\n---\n`,
    );
    await execa('git', ['add', '--all'], { cwd: project.dir });
    await execa('git', ['commit', '--quiet', '--message', 'plan'], { cwd: project.dir });

    const { exitCode, stdout, stderr } = await project.garland('run');
    expect(stderr).toContain('garland: tracker: beads');
    expect(stdout).toContain('2 succeeded');
    expect(exitCode).toBe(1);
    const { issues } = (await br('list', '--all')) as { issues: Record<string, unknown>[] };
    const byId = new Map(issues.map((issue) => [issue['id'], issue]));
    for (const id of [first, second, epic]) expect(byId.get(id)).toMatchObject({ status: 'closed' });
    expect(byId.get(failing)).toMatchObject({ status: 'open', labels: ['needs-followup'] });
    const log = await execa('git', ['log', '--reverse', '--format=%s', 'main..garland/integration'], {
      cwd: project.dir,
    });
    expect(log.stdout.split('\n')).toEqual([`${first}: First`, `${second}: Second`]);
    expect(JSON.stringify(issues)).not.toMatch(/garland:[\w-]+:/);
  });
});
