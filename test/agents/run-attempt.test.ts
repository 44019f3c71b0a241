import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptFolder, promptFileOf } from '../../src/agents/attempt-folder.js';
import { createAgent } from '../../src/agents/create-agent.js';
import { runAttempt } from '../../src/agents/run-attempt.js';
import { configSchema } from '../../src/config/schema.js';
import { LeftRunning, readJob, startJob, stopJob, type Interruption } from '../../src/processes/job.js';
import { fixture, useTemporaryJobs } from '../processes/temporary-jobs.js';

const files = useTemporaryJobs();
let folder = '';
let controller = new AbortController();

beforeEach(() => {
  folder = attemptFolder(files.path(), 'run-1', 'bd-1', 1);
  controller = new AbortController();
  mkdirSync(files.path('workspace'));
});
afterEach(() => {
  // What vitest's own environment holds must not reach an agent: see the test below.
  delete process.env['TEMPORAL_SECRET'];
});

const interrupt = (interruption: Interruption) => controller.abort(interruption);

function run(command: string, config: object = {}, prompt: () => string = () => 'Do it.\n') {
  const complete = configSchema.parse({ agent: { command, stop_grace_ms: 300, ...config } });
  const spec = {
    issueId: 'bd-1',
    issueTitle: 'A title',
    attempt: 1,
    runId: 'run-1',
    workspace: files.path('workspace'),
    folder,
    runFolder: '/r',
    promptFile: promptFileOf(folder),
    baseBranch: 'main',
  };
  const { signal } = controller;
  return runAttempt({ spec, agent: createAgent({ kind: 'shell' }, complete), config: complete.agent, prompt, signal });
}

const runFixture = (name: string, config: object = {}) => run(`'${fixture(name)}'`, config);

async function untilReady(): Promise<void> {
  await expect.poll(() => readFileSync(join(folder, 'stdout'), 'utf8')).toContain('ready');
}

describe('runAttempt', () => {
  it('runs the agent in its workspace with its prompt and environment', async () => {
    process.env['TEMPORAL_SECRET'] = 'secret';
    const result = await run('cat; pwd; env; echo done', { env: ['TEMPORAL_SECRET'] });
    expect(result).toMatchObject({
      outcome: 'succeeded',
      exitCode: 0,
      lastMessage: 'done',
      directory: folder,
    });
    expect(result.seconds).toBeCloseTo((Date.parse(result.endedAt) - Date.parse(result.startedAt)) / 1_000);
    const output = readFileSync(join(folder, 'stdout'), 'utf8');
    expect(output).toMatch(/^Do it\.\n/);
    expect(output).toContain(`\n${files.path('workspace')}\n`);
    expect(output).toContain('GARLAND_ISSUE_TITLE=A title\n');
    expect(output).not.toContain('secret');
    expect(statSync(promptFileOf(folder)).mode & 0o777).toBe(0o600);
  });

  it('answers the same when it is called again, without another prompt', async () => {
    const first = await run('echo x >>../starts; echo GARLAND: OBSOLETE gone');
    expect(first).toMatchObject({ outcome: 'no_change', marker: { kind: 'OBSOLETE', reason: 'gone' } });
    const again = await run('exit 1', {}, () => {
      throw new Error('asked for the prompt again');
    });
    expect(again).toEqual(first);
    expect(files.read('starts')).toBe('x\n');
  });

  it('is left running and found again, also when it has ended meanwhile', async () => {
    const first = run('echo ready; until [ -e ../go ]; do sleep 0.02; done; exit 9');
    await untilReady();
    interrupt({ kind: 'leave' });
    await expect(first).rejects.toThrow(LeftRunning);
    expect(await readJob(folder)).toMatchObject({ state: 'running' });
    writeFileSync(files.path('go'), '');
    await expect.poll(async () => (await readJob(folder)).state).toBe('exited');
    controller = new AbortController();
    expect(await run('echo wrong')).toMatchObject({ outcome: 'failed', exitCode: 9 });
  });

  it('is stopped, says why, and says it again', async () => {
    const running = runFixture('ignores-sigterm.sh');
    await untilReady();
    interrupt({ kind: 'stop', reason: 'the run was aborted' });
    const stopped = { outcome: 'aborted', reason: 'the run was aborted' };
    expect(await running).toMatchObject(stopped);
    controller = new AbortController();
    expect(await runFixture('ignores-sigterm.sh')).toMatchObject(stopped);
  });

  it('never starts when it is stopped before', async () => {
    interrupt({ kind: 'stop', reason: 'too late' });
    expect(await run('touch ../started')).toMatchObject({ outcome: 'aborted', reason: 'too late', seconds: 0 });
    controller = new AbortController();
    expect(await run('touch ../started')).toMatchObject({ outcome: 'aborted', reason: 'too late' });
    expect(files.exists('started')).toBe(false);
  });

  it('keeps its own result when it ended before it was stopped', async () => {
    await run('exit 4');
    interrupt({ kind: 'stop', reason: 'late' });
    expect(await run('exit 4')).toMatchObject({ outcome: 'failed', exitCode: 4 });
  });

  it('times out, and is still timed out for whoever asks later', async () => {
    const timedOut = { outcome: 'timed_out', reason: 'stopped after 0.3s', output: 'ready' };
    expect(await runFixture('ignores-sigterm.sh', { timeout_ms: 300 })).toMatchObject(timedOut);
    expect(await runFixture('ignores-sigterm.sh')).toMatchObject(timedOut);
  });

  it('stalls', async () => {
    const stalled = { outcome: 'stalled', reason: 'stopped after 0.3s without output', output: 'ready' };
    expect(await runFixture('ignores-sigterm.sh', { stall_timeout_ms: 300 })).toMatchObject(stalled);
    expect(await runFixture('ignores-sigterm.sh')).toMatchObject(stalled);
  });

  it('is lost when all of it was killed', async () => {
    const command = `echo far; echo 'no memory left' >&2; exec '${fixture('kills-all.sh')}'`;
    expect(await run(command)).toMatchObject({
      outcome: 'lost',
      reason: expect.any(String),
      output: expect.stringMatching(/^far\n(?:.*\n)*no memory left$/),
    });
  });

  it('goes on with a stop after a crash, for the reason written down', async () => {
    const left = runFixture('ignores-sigterm.sh');
    await untilReady();
    interrupt({ kind: 'leave' });
    await expect(left).rejects.toThrow(LeftRunning);
    const dead = stopJob(folder, { graceMs: 60_000, reason: 'stopped after 1h', kind: 'timed_out' });
    await expect.poll(() => statSync(join(folder, 'stop.json'), { throwIfNoEntry: false })).toBeDefined();
    controller = new AbortController();
    expect(await runFixture('ignores-sigterm.sh')).toMatchObject({ outcome: 'timed_out', reason: 'stopped after 1h' });
    await dead;
  });

  it('starts one agent when two workers run the same attempt', async () => {
    const command = 'echo x >>../starts; sleep 0.2; echo done';
    const results = await Promise.all([run(command), run(command), run(command)]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(files.read('starts')).toBe('x\n');
  });

  it('fails when the prompt fails, and runs when it is called again', async () => {
    const failing = run('true', {}, () => {
      throw new Error('no tracker');
    });
    await expect(failing).rejects.toThrow('no tracker');
    expect(await run('true')).toMatchObject({ outcome: 'succeeded' });
  });

  it('attaches to what somebody else started in the folder', async () => {
    await startJob(folder, { ...files.job('sh', '-c', 'sleep 0.3; echo hello'), cwd: files.path() });
    expect(await run('echo wrong')).toMatchObject({ outcome: 'succeeded', lastMessage: 'hello' });
  });

  it.each([
    ['writes-much.sh', 'all done'],
    ['writes-nonsense.sh', '\uFFFD\uFFFD red café'],
  ])('reads what %s writes', async (name, lastMessage) => {
    expect(await runFixture(name)).toMatchObject({ outcome: 'succeeded', lastMessage });
  });
});
