import type { ActivateInput } from '@temporalio/workflow';
import { expect, it } from 'vitest';
import { interceptors } from '../../workflows/settled-history.js';

/** A worker's cached run, to which the SDK gives one activation after the other. */
function cacheRun() {
  const activate = interceptors().internals?.[0]?.activate;
  let length = 0;
  const give = (activation: object): void => {
    const input = { activation: { historyLength: length, ...activation }, batchIndex: 0 };
    activate?.(input as unknown as ActivateInput, () => {});
  };
  const play = (isReplaying: boolean, seconds: number): void => {
    length += 5;
    give({ isReplaying, timestamp: { seconds, nanos: 1 }, jobs: [{ resolveActivity: {} }] });
  };
  return {
    replay: (seconds: number) => play(true, seconds),
    playNew: (seconds: number) => play(false, seconds),
    ask(queryId = 'legacy_query', ...args: string[]) {
      const query = { queryId, arguments: args.map((text) => ({ data: Buffer.from(text) })) };
      give({ isReplaying: true, jobs: [{ queryWorkflow: query }] });
    },
  };
}

it('answers from what workflow tasks have ended with', () => {
  const run = cacheRun();
  run.replay(1);
  run.replay(2);
  expect(() => run.ask()).not.toThrow();
});

it('refuses what may be the beginning of a task that another worker has and never ends', () => {
  const run = cacheRun();
  run.replay(1);
  run.playNew(2);
  expect(() => run.ask()).toThrow('not settled yet');
});

it('answers once two tasks in a row have been its own', () => {
  const run = cacheRun();
  run.replay(1);
  run.playNew(2);
  run.playNew(3);
  expect(() => run.ask()).not.toThrow();
  run.playNew(4);
  expect(() => run.ask()).not.toThrow();
});

it('refuses what no task has taken up, which has the date of the task before', () => {
  const run = cacheRun();
  run.playNew(1);
  run.playNew(2);
  run.playNew(2);
  expect(() => run.ask()).toThrow('not settled yet');
});

it('begins to doubt again when another worker has gone on with the run', () => {
  const run = cacheRun();
  run.playNew(1);
  run.playNew(2);
  run.replay(3);
  run.playNew(4);
  expect(() => run.ask()).toThrow('not settled yet');
});

it('answers what is asked with a task, and of a run that has no task to come', () => {
  const run = cacheRun();
  run.playNew(1);
  expect(() => run.ask('6b1f')).not.toThrow();
  expect(() => run.ask('legacy_query', '7', 'true')).not.toThrow();
});
