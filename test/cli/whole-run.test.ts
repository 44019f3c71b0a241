import { readdirSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/contract/events.js';
import { makeProject, startGarland, untilWritten, type ProjectFolder } from './project-folder.js';

const works = 'echo "$GARLAND_ISSUE_ID" > "$GARLAND_ISSUE_ID.txt"';
const hangs = 'while :; do sleep 0.1; done';
const resists = `trap "" TERM; ${hangs}`;

const eventsOf = (stdout: string): RunEvent[] =>
  stdout
    .trim()
    .split('\n')
    .map((line): RunEvent => JSON.parse(line));

/** Started with an agent that never ends, and waited for until all its agents are at work. */
async function startHanging(project: ProjectFolder, count: number, agent = hangs) {
  const run = project.garland('run', '--json', '--agent', agent);
  await untilWritten(run, 'stdout', 'agent_started', count);
  await expect.poll(() => workingIn(project.dir), { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
  // In an object, as a promise of a process would be awaited until its end.
  return { run };
}

/** How many processes have their working directory below the folder's workspaces. */
function workingIn(dir: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dir}/.garland/`);
    } catch {
      return false;
    }
  }).length;
}

describe('garland run', () => {
  test('works off what is ready, and says how to bring it home', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }, { id: 'b' }] });
    const { exitCode, stdout } = await project.garland('run', '--agent', works);
    expect(stdout).toMatch(/✔ a succeeded: landed/);
    expect(stdout).toContain('2 succeeded');
    expect(stdout).toContain('git merge garland/integration   (2 commits that main lacks)');
    expect(exitCode).toBe(0);
    expect((await project.issues()).get('b')?.status).toBe('closed');
  });

  test('exits with 1 when an issue failed, and shows where its work is', async () => {
    const project = await makeProject({
      issues: [{ id: 'a' }, { id: 'b' }],
      workflow: `agent: { command: '[ "$GARLAND_ISSUE_ID" = a ] && ${works}', max_attempts: 1 }`,
    });
    const { exitCode, stdout } = await project.garland('run');
    expect(stdout).toMatch(/^✖ b Do b: failed: /m);
    expect(stdout).toContain('its work is kept in .garland/workspaces/b');
    expect(exitCode).toBe(1);
    expect((await project.issues()).get('b')).toMatchObject({ status: 'open', labels: ['needs-followup'] });
  });

  test('with --json prints the events and nothing else, and status tells the same afterwards', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }] });
    const { stdout } = await project.garland('run', '--json', '--agent', works);
    const events = eventsOf(stdout);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(events[0]).toMatchObject({ event: 'run_started', workflowId: `garland/${project.name}` });
    expect(events.at(-1)).toMatchObject({ event: 'run_finished', outcome: 'completed', succeeded: ['a'] });

    expect((await project.garland('status', '--json', '--events')).stdout).toBe(stdout);
    const state = await project.garland('status', '--json');
    expect(JSON.parse(state.stdout)).toMatchObject({ phase: 'ended', succeeded: ['a'] });
    expect((await project.garland('status')).stdout).toMatch(/completed .*1 done/);
  });

  test('ends quietly and with 0 when nothing is ready', async () => {
    const project = await makeProject();
    const { exitCode, stdout } = await project.garland('run', '--agent', works);
    expect(stdout).toContain('nothing was started');
    expect(exitCode).toBe(0);
  });
});

describe('stopping', () => {
  test('garland abort ends the run of another process, agents and all', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }, { id: 'b' }] });
    const { run } = await startHanging(project, 2);
    const again = await project.garland('abort', '--reason', 'lunch', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'aborted', abortReason: 'lunch' });
    expect(workingIn(project.dir)).toBe(0);
    expect((await run).exitCode).toBe(3);
    expect((await project.issues()).get('a')?.status).toBe('open');
  });

  test('the first Ctrl-C drains: what runs is finished and nothing new starts', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }, { id: 'b' }] });
    const run = project.garland(
      'run',
      '--max-agents',
      '1',
      '--agent',
      `while [ ! -e "${project.dir}/go" ]; do sleep 0.05; done; ${works}`,
    );
    await untilWritten(run, 'stdout', '▶');
    run.kill('SIGINT');
    await untilWritten(run, 'stderr', 'nothing new starts');
    await writeFile(join(project.dir, 'go'), '');
    const { exitCode, stdout } = await run;
    expect(stdout).toContain('1 succeeded');
    expect(exitCode).toBe(0);
  });

  test('the third Ctrl-C leaves at once and kills the agents; the next abort cleans up', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }] });
    const { run } = await startHanging(project, 1, resists);
    // One after the other is heard: signals of a kind that come together count once.
    for (const answer of ['nothing new starts', 'stopping the agents', 'left at once, agents killed']) {
      const heard = untilWritten(run, 'stderr', answer);
      run.kill('SIGINT');
      await heard;
    }
    expect((await run).exitCode).toBe(130);
    expect(workingIn(project.dir)).toBe(0);
    await project.garland('abort');
    expect((await project.issues()).get('a')?.status).toBe('open');
  });

  test('SIGTERM leaves the agents at work, and the next run takes them up', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }] });
    const { run } = await startHanging(project, 1);
    run.kill('SIGTERM');
    const { exitCode, stderr } = await run;
    expect(stderr).toContain('the run and its agents go on');
    expect(exitCode).toBe(130);
    expect(workingIn(project.dir)).toBeGreaterThan(0);

    const next = project.garland('run', '--agent', hangs, '--max-agents', '7');
    await untilWritten(next, 'stderr', 'wanted 7');
    await project.garland('abort');
    const { exitCode: code, stdout } = await next;
    expect(stdout).toContain('run aborted');
    expect(code).toBe(3);
    expect(workingIn(project.dir)).toBe(0);
  });
});

describe('where there is no run', () => {
  test('status says so and is content', async () => {
    const project = await makeProject();
    expect(await project.garland('status')).toMatchObject({
      exitCode: 0,
      stdout: `no run of ${project.name} on this server`,
    });
    expect(await project.garland('status', '--json')).toMatchObject({ exitCode: 0, stdout: 'null' });
  });

  test.each(['abort', 'drain'])('%s has nothing to do and says so', async (command) => {
    const project = await makeProject();
    const { exitCode, stderr } = await project.garland(command);
    expect(stderr).toBe(`garland: no run of ${project.name} is going on, so there is nothing to ${command}`);
    expect(exitCode).toBe(2);
  });
});

describe('start and worker', () => {
  test('a started run waits for a worker, which does its work', async () => {
    const project = await makeProject({ issues: [{ id: 'a' }] });
    const started = await project.garland('start', '--json', '--agent', works);
    expect(JSON.parse(started.stdout)).toMatchObject({ project: project.name, started: true, hasWorker: false });
    expect((await project.garland('start', '--agent', works)).stderr).toContain('is going on since');

    const worker = project.garland('worker');
    await expect.poll(async () => (await project.issues()).get('a')?.status, { timeout: 20_000 }).toBe('closed');
    worker.kill('SIGTERM');
    const { exitCode, stdout } = await worker;
    expect(stdout).toContain(`worker of ${project.name}`);
    expect(exitCode).toBe(0);
  });
});

test('a server that is not there is told in one line', async () => {
  const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { exitCode, stderr } = await startGarland(['status', '--project', 'x'], { cwd: process.cwd(), env });
  expect(stderr).toMatch(/^garland: .*127\.0\.0\.1:1.*$/);
  expect(exitCode).toBe(2);
});
