import { existsSync } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import { readJob, startJob } from '../../src/processes/job.js';
import { makeProject, startGarland, untilWritten, type ProjectFolder } from './project-folder.js';

const workflow = 'agent: { command: "true" }';

interface Report {
  healthy: boolean;
  checks: { name: string; status: string; says: string }[];
  cleaned: string[];
  leftovers: { kind: string; what: string; plan: string }[];
}

async function doctor(project: ProjectFolder, ...flags: string[]) {
  const { stdout, exitCode, stderr } = await project.garland('doctor', '--json', ...flags);
  expect(stderr).toBe('');
  const report: Report = JSON.parse(stdout);
  expect(report.healthy).toBe(exitCode === 0);
  const check = (name: string) => report.checks.find((one) => one.name === name);
  return { report, exitCode, check };
}

describe('garland doctor', () => {
  test('finds nothing wrong with a project that is ready, and changes nothing', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }], workflow });
    const { stdout, exitCode } = await project.garland('doctor');
    expect(stdout).toMatch(
      /^✔ config +WORKFLOW\.md\n✔ git +git version .*\n✔ tracker +1 issue\n✔ agent +true\n✔ disk /,
    );
    expect(stdout).toMatch(/\n✔ server +[\d.]+:\d+\n✔ run +none goes on\n\nNothing is wrong\.$/);
    expect(exitCode).toBe(0);
    expect(existsSync(join(project.dir, '.garland'))).toBe(false);
  });

  test.each<[string, Parameters<typeof makeProject>[0], string, RegExp]>([
    ['WORKFLOW.md', { workflow: 'agent: { comand: x }' }, 'config', /WORKFLOW\.md:2: agent\.comand/],
    ['no repository', { workflow, git: 'none' }, 'git', /not in a git repository/],
    ['no commit', { workflow, git: 'empty' }, 'git', /no commit yet/],
    ['no agent', {}, 'agent', /no WORKFLOW\.md in/],
    [
      'an agent that is no program',
      { workflow: 'agent: { command: no-such-agent }' },
      'agent',
      /no program no-such-agent/,
    ],
  ])('says what is wrong: %s', async (_name, files, name, says) => {
    const { check, exitCode } = await doctor(await makeProject(files));
    expect(check(name)).toMatchObject({ status: 'failed', says: expect.stringMatching(says) });
    expect(exitCode).toBe(1);
  });

  test('a broken tracker is one finding, and hides no other', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }] });
    await appendFile(join(project.dir, '.beads/issues.jsonl'), '{"id": "b",\n');
    const { check } = await doctor(project);
    expect(check('tracker')).toMatchObject({ status: 'failed', says: expect.stringMatching(/issues\.jsonl:2/) });
    expect(check('agent')?.status).toBe('failed');
  });

  test('a server that cannot be reached is one, and nothing is stopped then', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }], workflow });
    const folder = await startAgent(project);
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { stdout, exitCode } = await startGarland(['doctor', '--fix', '--json'], { cwd: project.dir, env });
    const report: Report = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(report.checks).toContainEqual(expect.objectContaining({ name: 'server', status: 'failed' }));
    expect(report.leftovers).toMatchObject([{ kind: 'process', plan: 'keep' }]);
    expect((await readJob(folder)).state).toBe('running');
    await project.garland('doctor', '--fix');
    expect((await readJob(folder)).state).toBe('exited');
  });

  test('a server that is not started is fine, and is not started', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }], workflow });
    const env = { TEMPORAL_ADDRESS: '', XDG_STATE_HOME: join(project.dir, 'state') };
    const { stdout, exitCode } = await startGarland(['doctor'], { cwd: project.dir, env });
    expect(stdout).toMatch(/✔ server +not started; `garland run` starts it\n✔ run +none that can be told of/);
    expect(exitCode).toBe(0);
    expect(existsSync(env.XDG_STATE_HOME)).toBe(false);
  });

  test('--fix stops an agent whose run is gone, and gives its issue back; without it nothing happens', async () => {
    const project = await makeProject({ workflow });
    await project.claim('a');
    const folder = await startAgent(project);
    const plans = [
      { kind: 'process', plan: 'clean' },
      { kind: 'claim', what: 'a', plan: 'clean' },
    ];
    const first = await doctor(project);
    expect(first.exitCode).toBe(1);
    expect(first.report.leftovers).toMatchObject(plans);
    expect((await readJob(folder)).state).toBe('running');
    const { exitCode, stdout } = await project.garland('doctor', '--fix');
    expect(stdout).toMatch(/Cleaned up:\n {2}stopped process \d+ of a: its run dead-run is gone\n {2}a was claimed by/);
    expect(exitCode).toBe(0);
    expect((await readJob(folder)).state).toBe('exited');
    expect((await project.issues()).get('a')?.status).toBe('open');
  });

  test('--fix closes nothing that waits to be merged', async () => {
    const project = await makeProject({ workflow: `${workflow}\nland: { strategy: pr }` });
    await project.claim('a', 'b');
    const remote = join(project.dir, '.garland/remote.git');
    const git = async (...args: string[]) => (await execa('git', args, { cwd: project.dir })).stdout;
    await git('clone', '--quiet', '--bare', '.', remote);
    await git('remote', 'add', 'origin', remote);
    const head = await git('commit-tree', '-p', 'main', '-m', 'work', 'main^{tree}');
    for (const id of ['a', 'b']) await git('push', '--quiet', 'origin', `${head}:refs/heads/garland/issue/${id}`);
    // Of `a` its run had only pushed the work, for `b` it could not write to the tracker.
    const attempt = attemptFolder(project.dir, 'dead-run', 'a', 1);
    await writeJson(join(attempt, 'landing.json'), { version: 1, head, hasWork: true, push: { to: head } });
    const settlement = { kind: 'close', outcome: 'succeeded', reason: 'pushed', commit: head };
    const record = { version: 1, runId: 'dead-run', issueId: 'b', issueTitle: 'Do b', settlement };
    await writeJson(join(project.dir, '.garland/unwritten/b.json'), record);

    const { report } = await doctor(project, '--fix');
    expect(report.leftovers).toEqual([]);
    expect(report.cleaned).toEqual([
      'b is done now, which could not be written before; waits to be merged',
      'a had landed in an earlier run that could not say so: settled now; waits to be merged',
    ]);
    const waiting = { status: 'open', labels: ['in-review'] };
    expect(Object.fromEntries(await project.issues())).toMatchObject({ a: waiting, b: waiting });
  });

  test('leaves a run that goes on alone', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }] });
    const run = project.garland('run', '--json', '--agent', 'while [ ! -e go ]; do sleep 0.1; done; echo x > x');
    await untilWritten(run, 'stdout', 'agent_started');
    const workspace = join(project.dir, '.garland/workspaces/a');
    await expect.poll(() => existsSync(workspace), { timeout: 10_000 }).toBe(true);
    const { report, check } = await doctor(project, '--fix');
    expect(report.leftovers).toEqual([]);
    expect(check('run')).toMatchObject({ status: 'ok', says: expect.stringContaining('goes on, with a worker') });
    await writeFile(join(workspace, 'go'), '');
    expect((await run).exitCode).toBe(0);
    expect((await doctor(project)).report.leftovers).toEqual([]);
  });

  test('a run without a worker needs a person', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }], workflow });
    await project.garland('start');
    const { check, exitCode } = await doctor(project);
    expect(check('run')).toMatchObject({ status: 'failed', says: expect.stringContaining('no worker polls') });
    expect(exitCode).toBe(1);
    await project.garland('abort');
  });

  test('shows what a run leaves behind on purpose', async () => {
    const project = await makeProject({
      issues: [{ id: 'a' }],
      workflow: 'agent: { command: "echo x > x; exit 1", max_attempts: 1 }',
    });
    await project.garland('run');
    expect((await doctor(project)).report.leftovers).toEqual([]);
    await rm(join(project.dir, '.beads/issues.jsonl'));
    await writeFile(join(project.dir, '.beads/issues.jsonl'), '');
    const { report, exitCode } = await doctor(project, '--fix');
    expect(report.leftovers).toMatchObject([{ kind: 'workspace', plan: 'keep' }]);
    expect(exitCode).toBe(0);
    const { stdout } = await project.garland('doctor');
    expect(stdout).toMatch(
      /\n· workspace +\.garland\/workspaces\/a: its issue is gone; kept until 20.*: it has work that has not landed\n/,
    );
    expect((await execa('git', ['branch', '--list', 'garland/issue/a'], { cwd: project.dir })).stdout).toContain(
      'garland/issue/a',
    );
  });
});

async function writeJson(path: string, content: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(content));
}

async function startAgent(project: ProjectFolder): Promise<string> {
  const folder = attemptFolder(project.dir, 'dead-run', 'a', 1);
  await mkdir(folder, { recursive: true });
  await startJob(folder, { argv: ['sleep', '300'], cwd: project.dir, env: { PATH: process.env['PATH'] ?? '' } });
  return folder;
}
