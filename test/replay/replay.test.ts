import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { installQuietRuntime } from '../workflows/quiet-runtime.js';
import { SCENARIOS } from './scenarios.js';

installQuietRuntime();
const FOLDER = new URL('histories/', import.meta.url);
const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));
const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));

/** A run that an older version began goes on with this one: its history must give the same commands again. */
describe('replays', () => {
  test('there is a history of every scenario, and one of a crash', () => {
    for (const scenario of [...Object.keys(SCENARIOS), 'crash']) {
      expect(
        names.some((name) => name.startsWith(`${scenario}.`)),
        scenario,
      ).toBe(true);
    }
  });

  test.each(names)('%s', async (name) => {
    const history = JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')) as object;
    await Worker.runReplayHistory({ workflowBundle: { codePath: BUNDLE } }, history, 'garland/replayed');
  });

  test('a history that does not fit is noticed', async () => {
    const [name] = names;
    const history = JSON.parse(await readFile(new URL(name ?? '', FOLDER), 'utf8')) as { events: HistoryEvent[] };
    for (const event of history.events) {
      const type = event.activityTaskScheduledEventAttributes?.activityType;
      if (type?.name === 'runAgent') type.name = 'runAnotherAgent';
    }
    const replay = Worker.runReplayHistory({ workflowBundle: { codePath: BUNDLE } }, history, 'garland/replayed');
    await expect(replay).rejects.toThrow(/[Nn]on-?determinism/);
  });
});

interface HistoryEvent {
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
}
