import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../integration/harness/wait-for.js';
import type { Project } from '../../integration/harness/project.js';
import type { PlannedFault } from '../draw-round.js';
import type { Scene } from '../scene.js';
import type { Fault } from './fault.js';
import { once, replaceTracker } from './tracker.js';

/** How long to wait for a first one who asks, in milliseconds. */
const PATIENCE = 6_000;

const PRELOADED = fileURLToPath(new URL('../../fixtures/chaos/tracker-answers.mjs', import.meta.url));

/** All of garland's processes get it, and nothing happens to them unless one of the faults below says so. */
export function giveTroubledTracker({ env, dir, top }: Project): void {
  Object.assign(env, {
    NODE_OPTIONS: `--import ${PRELOADED}`,
    GARLAND_CHAOS_ANSWERS: controlOf(top),
    GARLAND_CHAOS_TRACKER: join(dir, '.beads', 'issues.jsonl'),
  });
}

export const trackerFails: Fault = {
  description: 'the tracker fails for a while: whoever reads or writes is told of an i/o error',
  weight: 5,
  about: 'tracker',
  inject: (scene, planned) => answer(scene, planned, 'fail'),
};

export const answersLate: Fault = {
  description: 'the tracker answers late for a while: each read and each write takes up to a second',
  weight: 5,
  about: 'tracker',
  inject: (scene, planned) => answer(scene, planned, 'late', Math.round(planned.pick * 1000)),
};

export const answersHalf: Fault = {
  description: 'the tracker answers half for a while, cut anywhere or after a whole issue, with no error',
  weight: 6,
  about: 'tracker',
  inject: (scene, planned) => answer(scene, planned, planned.length % 2 === 0 ? 'half' : 'half-lines', planned.pick),
};

export const answersLost: Fault = {
  description:
    "the tracker loses the replies of writes for a while: each is made, and who made it is told that it wasn't",
  weight: 8,
  about: 'tracker',
  inject: (scene, planned) => answer(scene, planned, 'lost'),
};

async function answer(
  scene: Scene,
  { length, pick }: PlannedFault,
  mode: string,
  number = 0,
): Promise<string | undefined> {
  const control = controlOf(scene.project.top);
  const given = `${control}.given`;
  rmSync(given, { force: true });
  const repair = once(() => rmSync(control, { force: true }));
  scene.repairs.push(repair);
  writeFileSync(control, `${mode} ${number}`);
  // What garland has read or written itself it needn't read again.
  replaceTracker(scene, pick);
  await waitFor('somebody asks', () => existsSync(given), { within: PATIENCE }).catch(() => undefined);
  await sleep(length);
  await repair();
  return existsSync(given) ? undefined : 'nobody asked it';
}

const controlOf = (top: string): string => join(top, 'answers');
