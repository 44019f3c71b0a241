import { execFile } from 'node:child_process';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { garland, startGarland } from './garland.mjs';
import { makeProject } from './project.mjs';

/**
 * `node bench/abort.mjs`: from typing `garland abort` in another terminal to no agent being left. Agents end on SIGTERM; with
 * --stubborn they ignore it, and are killed after their grace, which is 5 seconds by default.
 */
const { values } = parseArgs({
  options: {
    tries: { type: 'string', default: '20' },
    agents: { type: 'string', default: '4' },
    stubborn: { type: 'boolean', default: false },
  },
});
const tries = Number(values.tries);
const agents = Number(values.agents);
// What a shell ignores, its children ignore.
const command = values.stubborn ? "trap '' TERM; sleep 600" : 'sleep 600';

await garland(['server', 'start']);
const project = await makeProject({ issues: agents, command, slots: agents });
const toNoAgent = [];
const toReturn = [];
try {
  for (let number = 1; number <= tries; number += 1) await abortOnce();
} finally {
  await project.remove();
}
report('no agent left', toNoAgent);
report('abort returned', toReturn);

async function abortOnce() {
  const run = startGarland(['run', '--json'], { cwd: project.dir });
  const groups = await waitForAgents(run);
  const typedAt = performance.now();
  const abort = garland(['abort'], { cwd: project.dir });
  while (await isAnyAlive(groups)) await sleep(5);
  toNoAgent.push(performance.now() - typedAt);
  const { code, errors } = await abort;
  toReturn.push(performance.now() - typedAt);
  if (code !== 0) throw new Error(`garland abort ended with ${code}: ${errors}`);
  await run.done;
}

/** The process groups of the agents, once all of them run. */
async function waitForAgents({ events }) {
  for (;;) {
    const runId = events.find(({ event }) => event === 'run_started')?.runId;
    const groups = runId === undefined ? [] : await readGroups(join(project.dir, '.garland', 'runs', runId));
    if (groups.length === agents) return groups;
    await sleep(20);
  }
}

async function readGroups(run) {
  const names = await readdir(run, { recursive: true }).catch(() => []);
  const groups = [];
  for (const name of names.filter((each) => each.endsWith('/pid'))) {
    const link = join(run, name);
    if ((await lstat(link)).isSymbolicLink()) groups.push(Number((await readlink(link)).split(':')[0]));
  }
  return groups;
}

/** A process that has ended and waits to be reaped is none: how soon that happens is up to the system. */
async function isAnyAlive(groups) {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,stat=']);
  return stdout.split('\n').some((line) => {
    const [group, state = 'Z'] = line.trim().split(/\s+/);
    return groups.includes(Number(group)) && !state.startsWith('Z');
  });
}

function report(what, milliseconds) {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share) =>
    `${(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] / 1000).toFixed(2)} s`;
  const [min, median, p95, max] = [0.01, 0.5, 0.95, 1].map(at);
  console.log(`${what.padEnd(16)} min ${min}   median ${median}   p95 ${p95}   max ${max}   (${sorted.length} tries)`);
}
