import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createProjects } from '../../activities/projects.js';
import { createRunAgent } from '../../activities/run-agent.js';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import type { AttemptRequest } from '../../src/contract/activities.js';
import type { AgentResult } from '../../src/contract/outcomes.js';
import { LeftRunning } from '../../src/processes/interruption.js';
import { readJob, stopJob } from '../../src/processes/job.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'garland-run-agent-'));
  await mkdir(join(dir, '.beads'));
  const at = '2026-01-01T00:00:00Z';
  const issue = {
    id: 'a',
    title: 'A',
    status: 'open',
    priority: 1,
    issue_type: 'task',
    created_at: at,
    updated_at: at,
  };
  await writeFile(join(dir, '.beads/issues.jsonl'), `${JSON.stringify(issue)}\n`);
  // The agent goes on when the file is there: no test waits for longer than it must.
  const command = 'echo started >> starts; while [ ! -e go ]; do sleep 0.02; done; echo finished';
  await writeFile(join(dir, 'WORKFLOW.md'), `---\nagent: {command: '${command}'}\nworkspace: {kind: directory}\n---\n`);
});
afterEach(async () => {
  await stopJob(folder(), { graceMs: 100, reason: 'the test is over' });
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

const folder = () => attemptFolder(dir, 'run-1', 'a', 1);
const letGo = () => writeFile(join(dir, 'go'), '');
const state = async () => (await readJob(folder())).state;
const starts = async () => (await readFile(join(dir, 'starts'), 'utf8')).trim().split('\n').length;

function call(
  goesOn: () => Promise<boolean> = async () => true,
  change: Partial<AttemptRequest> = {},
  heartbeatDetails?: unknown,
) {
  const environment = new MockActivityEnvironment({ heartbeatDetails });
  const runAgent = createRunAgent(createProjects(), { isRunGoingOn: goesOn });
  const run = { runId: 'run-1', project: 'p', projectDir: dir };
  const request = { run, issueId: 'a', issueTitle: 'A', attempt: 1, resumption: 0, ...change };
  const result: Promise<AgentResult> = environment.run(runAgent, request);
  const cancel = (details: ConstructorParameters<typeof ActivityCancellationDetails>[0]) =>
    environment.cancel('CANCELLED', new ActivityCancellationDetails(details));
  return { result, cancel };
}

const untilRunning = () => vi.waitFor(async () => expect(await starts()).toBe(1), { timeout: 10_000 });

test.each([
  ['a pid', { version: 99, pid: 1 }],
  ['nonsense', 'nonsense'],
  ['nothing', null],
])('what another version said with its last heartbeat changes nothing: %s', async (_name, details) => {
  const first = call();
  await untilRunning();
  first.cancel({ timedOut: true });
  await expect(first.result).rejects.toBeInstanceOf(LeftRunning);
  const second = call(async () => true, { attempt: 1 }, details);
  await letGo();
  expect(await second.result).toMatchObject({ outcome: 'succeeded', lastMessage: 'finished' });
  expect(await starts()).toBe(1);
});

test.each([
  ['record.json', '{"version": 99}', 'its record.json is unreadable'],
  ['record.json', 'nonsense', 'its record.json is unreadable'],
])('a new attempt whose %s holds nonsense is lost, says why, and starts nothing', async (name, content, reason) => {
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), name), content);
  expect(await call().result).toMatchObject({ outcome: 'lost', reason });
  await expect(starts()).rejects.toThrow('ENOENT');
});

describe("what Temporal's cancellation means for an agent", () => {
  test('cancel requested: it is stopped, and that is its outcome', async () => {
    const { result, cancel } = call();
    await untilRunning();
    cancel({ cancelRequested: true });
    expect(await result).toMatchObject({ outcome: 'aborted' });
    expect(await state()).not.toBe('running');
  });

  test.each([
    ['the worker shuts down', { workerShutdown: true }],
    ['somebody pauses the activity', { paused: true }],
    ['the attempt timed out and another has taken over', { timedOut: true }],
    ['the run continued as new', { notFound: true }],
  ])('%s: it is left running, and the next call attaches to it', async (_name, details) => {
    const first = call(async () => true);
    await untilRunning();
    first.cancel(details);
    await expect(first.result).rejects.toBeInstanceOf(LeftRunning);
    expect(await state()).toBe('running');
    const second = call();
    await letGo();
    expect(await second.result).toMatchObject({ outcome: 'succeeded', lastMessage: 'finished' });
    expect(await starts()).toBe(1);
  });

  test('not found, and no such run is open: it is stopped', async () => {
    const { result, cancel } = call(async () => false);
    await untilRunning();
    cancel({ notFound: true });
    expect(await result).toMatchObject({ outcome: 'aborted' });
  });

  test("not found, and the server can't be asked: it is left, because a wrong stop loses work", async () => {
    const { result, cancel } = call(() => Promise.reject(new Error('unreachable')));
    await untilRunning();
    cancel({ notFound: true });
    await expect(result).rejects.toBeInstanceOf(LeftRunning);
    expect(await state()).toBe('running');
  });
});

describe('hooks.after_run', () => {
  const ran = async () => (await readFile(join(dir, 'ran'), 'utf8').catch(() => '')).trim().split('\n');
  beforeEach(async () => {
    const workflow = await readFile(join(dir, 'WORKFLOW.md'), 'utf8');
    const hook = 'hooks: {after_run: echo "$GARLAND_ATTEMPT" >> ran}';
    await writeFile(join(dir, 'WORKFLOW.md'), workflow.replace(/---\n$/, `${hook}\n---\n`));
  });

  test('runs once after an agent that was stopped, however often that is settled', async () => {
    const first = call();
    await untilRunning();
    first.cancel({ cancelRequested: true });
    const settled = call(undefined, { settle: true });
    expect(await first.result).toMatchObject({ outcome: 'aborted', warnings: [] });
    expect(await settled.result).toMatchObject({ outcome: 'aborted', warnings: [] });
    expect(await ran()).toEqual(['1']);
  });

  test('runs neither for an agent that is left running nor for one that never began', async () => {
    await call(undefined, { settle: true, attempt: 2 }).result;
    const first = call();
    await untilRunning();
    first.cancel({ workerShutdown: true });
    await expect(first.result).rejects.toBeInstanceOf(LeftRunning);
    expect(await ran()).toEqual(['']);
  });
});

describe('an agent whose worker was away', () => {
  test('that had ended is picked up with its real result, however often it is asked for', async () => {
    await letGo();
    const first = await call().result;
    expect(await call().result).toEqual(first);
    expect(await starts()).toBe(1);
  });

  test('settling stops it and tells; one that never began never will', async () => {
    const { result } = call(undefined, { settle: true });
    expect(await result).toMatchObject({ outcome: 'aborted' });
    await letGo();
    expect(await call().result).toMatchObject({ outcome: 'aborted' });
    await expect(starts()).rejects.toThrow('ENOENT');
  });
});

test('an issue that is gone from the tracker when its agent is to start fails, with that reason', async () => {
  expect(await call(undefined, { issueId: 'b' }).result).toMatchObject({
    outcome: 'failed',
    reason: 'b is gone from the tracker',
  });
});

describe('an agent whose program is missing', () => {
  const missing = { agent: { kind: 'amp' as const } };
  const section = 'workspace: {kind: directory}\namp: {command: no-such-amp}';

  test('ends the run when the configuration names it', async () => {
    await writeFile(join(dir, 'WORKFLOW.md'), `---\nagent: {kind: amp}\n${section}\n---\n`);
    const reason = expect.stringMatching(/^amp\.command: there is no program amp\. Install Amp/);
    expect(await call(undefined, missing).result).toMatchObject({ outcome: 'failed', unusable: true, reason });
  });

  test('fails the issue alone, and at once, when only its text asks for it', async () => {
    await writeFile(join(dir, 'WORKFLOW.md'), `---\nagent: {command: 'true'}\n${section}\n---\n`);
    const result = await call(undefined, missing).result;
    expect(result).toMatchObject({ outcome: 'failed', marker: { kind: 'BLOCKED' } });
    expect(result).not.toHaveProperty('unusable');
  });
});
