import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { attemptFolder, promptFileOf } from '../../src/agents/attempt-folder.js';
import { createAgent } from '../../src/agents/create-agent.js';
import { runAttempt } from '../../src/agents/run-attempt.js';
import { spentTodayUsd } from '../../src/agents/spent-today.js';
import { readUsageRecord } from '../../src/agents/usage-record.js';
import { configSchema } from '../../src/config/schema.js';
import type { AgentKind } from '../../src/contract/agents.js';
import { LeftRunning, readJob, type Interruption } from '../../src/processes/job.js';
import { fixture, useTemporaryJobs } from '../processes/temporary-jobs.js';

const files = useTemporaryJobs();
let controller = new AbortController();
beforeEach(() => {
  mkdirSync(files.path('workspace'));
  controller = new AbortController();
});

const config = configSchema.parse({
  agent: { kind: 'claude', command: 'echo done', stop_grace_ms: 10_000 },
  claude: { command: fixture('claude.sh') },
});

/** `does`: see the fixture. */
function run(does: string, [attempt, resumption = 0]: [number, number?], kind: AgentKind = 'claude') {
  const folder = attemptFolder(files.path(), 'run-1', 'bd-1', attempt, resumption);
  const spec = {
    issueId: 'bd-1',
    issueTitle: 'A title',
    attempt,
    runId: 'run-1',
    workspace: files.path('workspace'),
    folder,
    runFolder: files.path('.garland/runs/run-1'),
    promptFile: promptFileOf(folder),
    baseBranch: 'main',
  };
  const prompt = (resumes: boolean) => `${does} ${resumes ? 'short' : 'whole'}\n`;
  const agent = createAgent({ kind }, config);
  return runAttempt({ spec, agent, config: config.agent, prompt, signal: controller.signal });
}

/** What the program was asked, each session by the order in which it came. */
function sessions(): string[] {
  const lines = readFileSync(files.path('workspace/sessions'), 'utf8').trimEnd().split('\n');
  const ids = [...new Set(lines.map((line) => line.split(' ')[0]))];
  return lines.map((line) => line.replace(/^\S+/, (id) => `s${ids.indexOf(id) + 1}`));
}

it('tells what was used of a process whose run was gone when it ended', async () => {
  const agentOf = (kind: AgentKind) => createAgent({ kind }, config);
  await run('work', [1]);
  const usage = join(attemptFolder(files.path(), 'run-1', 'bd-1', 1), 'usage.json');
  const written = readFileSync(usage, 'utf8');
  const today = () => spentTodayUsd(files.path(), new Date(), agentOf);
  expect(await today()).toBe(0.5);
  rmSync(usage);
  expect(await today()).toBe(0.5);
  expect(readFileSync(usage, 'utf8')).toBe(written);
  rmSync(usage);
  expect(await spentTodayUsd(files.path(), new Date(Date.now() + 25 * 3_600_000), agentOf)).toBe(0);
});

it('leaves what is still at work to whoever watches it', async () => {
  const running = run('hang', [1]);
  const folder = attemptFolder(files.path(), 'run-1', 'bd-1', 1);
  await expect.poll(async () => (await readJob(folder)).state).toBe('running');
  await spentTodayUsd(files.path(), new Date(), (kind) => createAgent({ kind }, config));
  expect(await readUsageRecord(folder)).toBeUndefined();
  controller.abort({ kind: 'stop', reason: 'enough' } satisfies Interruption);
  expect((await running).outcome).toBe('aborted');
});

describe('a session', () => {
  it('is known before its program starts, and gone on with by later turns and attempts', async () => {
    const first = await run('work', [1]);
    expect(first).toMatchObject({ outcome: 'succeeded', resumable: true, session: expect.any(String) });
    expect(await run('work', [1, 1])).toMatchObject({ session: first.session });
    expect(await run('fail', [2])).toMatchObject({ outcome: 'failed', session: first.session });
    expect(await run('work', [10])).toMatchObject({ session: first.session });
    expect(sessions()).toEqual(['s1 work', 's1 again work', 's1 again fail', 's1 again work']);
    const prompts = [[1], [1, 1]].map(([attempt = 0, resumption]) =>
      readFileSync(promptFileOf(attemptFolder(files.path(), 'run-1', 'bd-1', attempt, resumption)), 'utf8'),
    );
    expect(prompts).toEqual(['work whole\n', 'work short\n']);
  });

  it('is left for a new one when it never began, or when nothing more can be said in it', async () => {
    await run('silent', [1]);
    await run('spent', [2]);
    await run('work', [3]);
    expect(sessions()).toEqual(['s1 silent', 's2 spent', 's3 work']);
  });

  it('goes on after one that died before a word of it', async () => {
    await run('work', [1]);
    expect(await run('silent', [2])).toMatchObject({ outcome: 'failed', resumable: true });
    await run('work', [3]);
    expect(sessions()).toEqual(['s1 work', 's1 again silent', 's1 again work']);
  });

  it('is replaced at once when the program does not know it', async () => {
    const { session } = await run('work', [1]);
    const gone = await run('gone', [2]);
    expect(gone.directory).toMatch(/\/2\/fresh$/);
    // The fixture goes by its prompt's word, which is the same again.
    expect(sessions()).toEqual(['s1 work', 's1 again gone', 's2 gone']);
    expect(await run('gone', [2])).toEqual(gone);
    expect(sessions()).toHaveLength(3);
    expect(await readUsageRecord(attemptFolder(files.path(), 'run-1', 'bd-1', 2))).toMatchObject({
      session,
      resumable: false,
    });
    await run('work', [3]);
    expect(sessions().at(-1)).toBe('s3 work');
  });

  it('belongs to one kind of agent', async () => {
    await run('work', [1]);
    expect(await run('work', [2], 'shell')).not.toHaveProperty('session');
    await run('work', [3]);
    expect(sessions()).toEqual(['s1 work', 's1 again work']);
  });

  it('can be gone on with after its program was stopped', async () => {
    const running = run('hang', [1]);
    const stdout = join(attemptFolder(files.path(), 'run-1', 'bd-1', 1), 'stdout');
    await expect.poll(() => readFileSync(stdout, 'utf8')).toContain('ready');
    controller.abort({ kind: 'stop', reason: 'the budget is spent' } satisfies Interruption);
    expect(await running).toMatchObject({ outcome: 'aborted', reason: 'the budget is spent', resumable: true });
    controller = new AbortController();
    await run('work', [1, 1]);
    expect(sessions()).toEqual(['s1 hang', 's1 again work']);
  });
});

describe('a usage limit', () => {
  it('ends at the same time, however late it is asked for', async () => {
    const first = await run('limit', [1]);
    expect(first).toMatchObject({
      outcome: 'limited',
      reason: 'Usage limit reached, try again in 20s',
      resumable: true,
    });
    await expect.poll(() => Date.now() - Date.parse(first.endedAt)).toBeGreaterThan(50);
    expect(await run('limit', [1])).toEqual(first);
  });
});

describe('a program that goes on after its result', () => {
  it('is ended, and has ended well', async () => {
    const result = await run('lingers', [1]);
    expect(result).toMatchObject({ outcome: 'succeeded', lastMessage: 'Done.', usage: { usd: 0.5 } });
    expect(result.seconds).toBeLessThan(60);
    expect(await run('lingers', [1])).toEqual(result);
  });

  it('is left running for whoever comes next', async () => {
    const first = run('lingers', [1]);
    const stdout = join(attemptFolder(files.path(), 'run-1', 'bd-1', 1), 'stdout');
    await expect.poll(() => readFileSync(stdout, 'utf8')).toContain('Done.');
    controller.abort({ kind: 'leave' } satisfies Interruption);
    await expect(first).rejects.toThrow(LeftRunning);
    controller = new AbortController();
    expect(await run('lingers', [1])).toMatchObject({ outcome: 'succeeded' });
    expect(sessions()).toHaveLength(1);
  });
});
