import { writeFile } from 'node:fs/promises';
import { test } from 'vitest';
import { openWorld } from '../workflows/scripted-world.js';
import { SCENARIOS, toHistoryJson } from './scenarios.js';

/**
 * Writes a history for each scenario: GARLAND_RECORD=v2 makes plain-run.v2.json. Histories are only ever added, because a
 * run that an older version began must go on with this one.
 */
const version = process.env['GARLAND_RECORD'];

const only = process.env['GARLAND_RECORD_ONLY'];
const wanted = Object.entries(SCENARIOS).filter(([name]) => only === undefined || name === only);

test.runIf(version !== undefined).each(wanted)('records %s', async (name, drive) => {
  const handle = await drive(openWorld);
  const file = new URL(`histories/${name}.${version}.json`, import.meta.url);
  await writeFile(file, await toHistoryJson(handle), { flag: 'wx' });
});
