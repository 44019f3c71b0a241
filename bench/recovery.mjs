import { lstat, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { garland, startGarland } from './garland.mjs';
import { makeProject } from './project.mjs';
import { median } from './slot-use.mjs';

/**
 * `node bench/recovery.mjs`: a worker is killed while another one is there, and its agents end in that moment: how long it takes until the
 * run decides anything again, and how many seconds of agents were for nothing.
 */
const { values } = parseArgs({
  options: { tries: { type: 'string', default: '5' }, agents: { type: 'string', default: '4' } },
});
const agents = Number(values.agents);
const command = 'until [ -e go ]; do sleep 0.05; done';

await garland(['server', 'start']);
const toDecision = [];
let secondsLost = 0;
for (let number = 0; number < Number(values.tries); number += 1) await killOnce();
const slowest = Math.max(...toDecision);
console.log(`until the next decision   median ${seconds(median(toDecision))}   slowest ${seconds(slowest)}`);
console.log(`agent seconds lost        ${secondsLost}   (${values.tries} kills, ${agents} agents at work)`);

async function killOnce() {
  const project = await makeProject({ issues: 2 * agents, command, slots: agents });
  try {
    await garland(['start'], { cwd: project.dir });
    const first = startGarland(['worker'], { cwd: project.dir });
    while ((await findStarted(project.dir)).length < agents) await sleep(20);
    const second = startGarland(['worker'], { cwd: project.dir });
    await second.firstLine;
    first.child.kill('SIGKILL');
    const killedAt = Date.now();
    await writeFile(join(project.dir, 'go'), '');
    await first.done;
    const events = await untilEnded(project.dir);
    second.child.kill('SIGTERM');
    await second.done;
    toDecision.push(Date.parse(events.find(({ time }) => Date.parse(time) > killedAt).time) - killedAt);
    const attempts = events.filter(({ event }) => event === 'agent_finished');
    const wasted = attempts.filter(({ outcome }) => outcome !== 'succeeded');
    secondsLost += wasted.reduce((sum, attempt) => sum + attempt.seconds, 0);
    const starts = (await findStarted(project.dir)).length;
    if (starts !== 2 * agents) throw new Error(`${starts} agents were started for ${2 * agents} issues`);
  } finally {
    await project.remove();
  }
}

/** Folders of attempts whose agent has begun. */
async function findStarted(dir) {
  const names = await readdir(join(dir, '.garland', 'runs'), { recursive: true }).catch(() => []);
  const links = names.filter((name) => name.endsWith('/pid'));
  const stats = await Promise.all(links.map((name) => lstat(join(dir, '.garland', 'runs', name))));
  return links.filter((_, index) => stats[index].isSymbolicLink());
}

async function untilEnded(dir) {
  for (;;) {
    const { events } = await garland(['status', '--json', '--events'], { cwd: dir });
    if (events.at(-1)?.event === 'run_finished') return events;
    await sleep(500);
  }
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
