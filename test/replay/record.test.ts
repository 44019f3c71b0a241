import { writeFile } from 'node:fs/promises';
import { afterEach, test } from 'vitest';
import { ScriptedWorld } from '../workflows/scripted-world.js';
import { SCENARIOS, toHistoryJson } from './scenarios.js';

/**
 * Writes a history for each scenario: GARLAND_RECORD=v2 makes plain-run.v2.json. Histories are only ever added, because a
 * run that an older version began must go on with this one.
 */
const version = process.env['GARLAND_RECORD'];

const worlds: ScriptedWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

const only = process.env['GARLAND_RECORD_ONLY'];
const wanted = Object.entries(SCENARIOS).filter(([name]) => only === undefined || name === only);

test.runIf(version !== undefined).each(wanted)('records %s', async (name, drive) => {
  const handle = await drive(async (ready) => {
    const world = new ScriptedWorld(ready);
    worlds.push(world);
    return world.open();
  });
  const file = new URL(`histories/${name}.${version}.json`, import.meta.url);
  await writeFile(file, await toHistoryJson(handle), { flag: 'wx' });
});
