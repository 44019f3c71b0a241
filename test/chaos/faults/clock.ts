import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../integration/harness/project.js';
import type { Fault } from './fault.js';

/** Debian's package libfaketime; elsewhere: GARLAND_FAKETIME=/path/of/libfaketime.so.1 */
const LIBRARY = [
  process.env['GARLAND_FAKETIME'] ?? '',
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
].find((path) => path !== '' && existsSync(path));

const STEP_SECONDS = 20;

/** The time of day of garland and its gits, which can be changed while they run. The server's, and that of files, stays. */
export function giveOwnClock({ env, top }: Project): void {
  if (LIBRARY === undefined) return;
  const file = join(top, 'clock');
  writeFileSync(file, '+0\n');
  Object.assign(env, {
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
}

export const clockStepped: Fault = {
  description: `the clock of \`garland run\` is set ${STEP_SECONDS} s forward or back, against the server's and that of files`,
  weight: 8,
  about: 'garland',
  fits: ({ ownClock }) => ownClock,
  inject: async ({ project, round, disturbed }, { pick }) => {
    if (LIBRARY === undefined) return 'libfaketime is not installed';
    // Forward, agents may seem to have run for too long.
    for (const { id } of [...round.issues, ...round.added]) disturbed.add(id);
    writeFileSync(join(project.top, 'clock'), `${pick < 0.5 ? '-' : '+'}${STEP_SECONDS}\n`);
    return undefined;
  },
};
