import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { readRun } from '../../src/cli/read-run.js';
import type { Connected } from '../../src/cli/connect.js';
import type { RunDescription } from '../../src/temporal/run-handle.js';

/** Workers that were started to stand in, and what became of them. */
const workers = vi.hoisted((): { began: () => Promise<void>; told: string[] } => ({
  began: () => Promise.resolve(),
  told: [],
}));

vi.mock('../../src/temporal/worker.js', () => ({
  async startWorker() {
    workers.told.push('started');
    await workers.began();
    return { shutdown: async () => void workers.told.push('shut down') };
  },
}));

beforeEach(() => {
  workers.told.length = 0;
  workers.began = () => Promise.resolve();
});

/** A run whose worker answers the questions in turn. */
function aRun(described: Partial<RunDescription> | undefined, answers: (() => Promise<object>)[]) {
  let asked = 0;
  const handle = { describe: () => Promise.resolve(described), state: () => answers[asked++]?.() };
  const connected = { client: { handle: () => handle }, server: {} } as unknown as Connected;
  return { read: () => readRun(connected, 'shop', (run) => run.state()), asked: () => asked };
}

const after = (ms: number, answer: object) => async (): Promise<object> => {
  await sleep(ms);
  return answer;
};
const never = (): Promise<object> => new Promise(() => {});

describe('reading a run', () => {
  test('asks a worker that answers once, and starts none', async () => {
    const { read, asked } = aRun({ hasWorker: true }, [after(0, { n: 1 })]);
    expect((await read())?.answer).toEqual({ n: 1 });
    expect([asked(), workers.told]).toEqual([1, []]);
  });

  test('waits longer for a worker that was heard of just now', async () => {
    const { read } = aRun({ hasWorker: true, heartbeatAt: new Date() }, [after(800, { n: 1 })]);
    expect((await read())?.answer).toEqual({ n: 1 });
    expect(workers.told).toEqual([]);
  });

  test('takes the answer to its first question, when that comes before the worker that was to stand in is there', async () => {
    workers.began = () => sleep(600);
    const { read, asked } = aRun({ hasWorker: true }, [after(700, { n: 1 })]);
    expect((await read())?.answer).toEqual({ n: 1 });
    expect(asked()).toBe(1);
    expect(workers.told).toEqual(['started', 'shut down']);
  });

  test('asks a worker of its own where nobody answers', async () => {
    const { read } = aRun({ hasWorker: true, heartbeatAt: new Date(Date.now() - 10_000) }, [never, after(0, { n: 2 })]);
    expect((await read())?.answer).toEqual({ n: 2 });
    expect(workers.told).toEqual(['started', 'shut down']);
  });

  test('says why when nobody can answer', async () => {
    const refuses = () => Promise.reject(new Error('of another version'));
    const { read } = aRun(
      { hasWorker: false },
      Array.from({ length: 5 }, () => refuses),
    );
    await expect(read()).rejects.toThrow("the run can't be asked: of another version");
  });

  test('knows of no run where there is none', async () => {
    expect(await aRun(undefined, [() => Promise.reject(new Error('no run'))]).read()).toBeUndefined();
  });
});
