import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { garland, startGarland } from './garland.mjs';
import { makeProject } from './project.mjs';
import { readExecutions } from './run-executions.mjs';
import { median } from './slot-use.mjs';

/** `node bench/many-agents.mjs`: so many agents at the same time, asleep: how soon they run, how soon `garland status` answers, and what it is to Temporal. */
const { values } = parseArgs({
  options: { agents: { type: 'string', default: '200' }, looks: { type: 'string', default: '10' } },
});
const agents = Number(values.agents);
/** Milliseconds. */
const SETTLED = 3_000;

await garland(['server', 'start']);
const project = await makeProject({ issues: agents, command: 'sleep 600', slots: agents });
try {
  const begun = performance.now();
  const run = startGarland(['run', '--json'], { cwd: project.dir });
  while (run.events.filter(({ event }) => event === 'agent_started').length < agents) await sleep(20);
  report('all agents run', seconds(performance.now() - begun));
  const { pending } = (await readExecutions(project.name)).at(-1);
  report('pending', `${pending} activities`);

  const running = performance.now();
  const early = [];
  const looks = [];
  while (looks.length < Number(values.looks)) {
    const typed = performance.now();
    await garland(['status'], { cwd: project.dir });
    // So many processes that have just begun keep the machine busy for a moment.
    (typed - running < SETTLED ? early : looks).push(performance.now() - typed);
  }
  report('status at first', `slowest ${seconds(Math.max(...early))}`);
  report('garland status', `median ${seconds(median(looks))}, slowest ${seconds(Math.max(...looks))}`);

  const aborted = performance.now();
  await garland(['abort'], { cwd: project.dir });
  report('garland abort', seconds(performance.now() - aborted));
  await run.done;
  const [execution] = await readExecutions(project.name);
  report('largest payload', `${(execution.largestPayload / 1e3).toFixed(1)} KB of 2 MB`);
  report('history', `${execution.events} events, ${(execution.bytes / 1e6).toFixed(1)} MB`);
} finally {
  await project.remove();
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function report(what, value) {
  console.log(`${what.padEnd(16)} ${value}`);
}
