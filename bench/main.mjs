import { parseArgs } from 'node:util';
import { garland } from './garland.mjs';
import { runPool } from './in-process-pool.mjs';
import { makeProject, readSpans } from './project.mjs';
import { measureSlotUse } from './slot-use.mjs';

/** `npm run bench`: how much of the slots' time is spent on agents. A ratio, so that the machine's speed matters little. */
const { values } = parseArgs({
  options: {
    issues: { type: 'string', default: '80' },
    seconds: { type: 'string', default: '2' },
    slots: { type: 'string', default: '8' },
  },
});
const issues = Number(values.issues);
const seconds = Number(values.seconds);
const slots = Number(values.slots);
const command = `sleep ${seconds}`;

console.log(`${issues} issues of ${seconds} s on ${slots} slots, in the project's folder, no gate`);
const idealSeconds = Math.ceil(issues / slots) * seconds;
report('ideal', {
  slotUse: issues / (slots * Math.ceil(issues / slots)),
  wallSeconds: idealSeconds,
  medianGapMs: 0,
  agents: issues,
});
report('in-process pool', measureSlotUse(await runPool({ issues, command, slots }), slots));

await garland(['server', 'start']);
const project = await makeProject({ issues, command, slots });
try {
  const { code, errors } = await garland(['run', '--json'], { cwd: project.dir });
  if (code !== 0) throw new Error(`garland run ended with ${code}: ${errors}`);
  report('garland', measureSlotUse(await readSpans(project.dir), slots));
} finally {
  await project.remove();
}

function report(name, { slotUse, wallSeconds, medianGapMs, agents }) {
  console.log(
    `${name.padEnd(16)} slot use ${slotUse.toFixed(3)}   ${wallSeconds.toFixed(1).padStart(5)} s   ` +
      `median gap ${medianGapMs.toFixed(0).padStart(4)} ms   ${agents} agents`,
  );
}
