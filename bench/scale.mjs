import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { garland, startGarland } from './garland.mjs';
import { makeProject } from './project.mjs';
import { watchMemory } from './resident-memory.mjs';
import { readExecutions } from './run-executions.mjs';

/**
 * `node bench/scale.mjs`: a backlog of thousands with agents that do next to nothing: what the loop itself costs, whether it stays the
 * same to the end, and what it takes in memory, history and carried state. `--kind worktree`: each agent in a git
 * worktree, its work committed and landed.
 */
const { values } = parseArgs({
  options: {
    issues: { type: 'string', default: '5000' },
    slots: { type: 'string', default: '50' },
    kind: { type: 'string', default: 'directory' },
  },
});
const issues = Number(values.issues);
const slots = Number(values.slots);
const { kind } = values;

await garland(['server', 'start']);
const project = await makeProject({ issues, command: commandFor(kind), slots, kind });
try {
  await measure();
} finally {
  await project.remove();
}

/** In a worktree nothing lands without a change. */
function commandFor(workspace) {
  return workspace === 'worktree' ? 'echo done >"$GARLAND_ISSUE_ID"' : ':';
}

async function measure() {
  const run = startGarland(['run', '--json'], { cwd: project.dir });
  const memory = watchMemory(run.child.pid);
  const { code, errors, events } = await run.done;
  if (code !== 0) throw new Error(`garland run ended with ${code}: ${errors}`);
  const ended = events.filter(({ event }) => event === 'issue_finalized').map(({ time }) => Date.parse(time));
  const closed = await countClosed();
  const begun = Date.parse(events.find(({ event }) => event === 'agent_started').time);
  const executions = await readExecutions(project.name);
  const tenth = Math.floor(ended.length / 10);
  const rate = (from, to) => ((to - from) * 1000) / (ended[to - 1] - (from === 0 ? begun : ended[from - 1]));
  const [first, last] = [rate(0, tenth), rate(ended.length - tenth, ended.length)];

  console.log(`${issues} issues of no time on ${slots} slots, workspace.kind ${kind}, no gate`);
  report('closed', `${closed} of ${issues}`);
  report('issues a second', `${rate(0, ended.length).toFixed(1)} overall`);
  report('', `${first.toFixed(1)} in the first tenth, ${last.toFixed(1)} in the last`);
  report('time per issue', `at the end ${(first / last).toFixed(2)} × that at the start`);
  report('worker', `at most ${megabytes(await memory.stop())} resident`);
  report('executions', `${executions.length}`);
  report('longest history', `${most(executions, 'events')} events, ${megabytes(most(executions, 'bytes'))}`);
  report('largest payload', kilobytes(most(executions, 'largestPayload')));
  report('carried state', `at most ${kilobytes(most(executions, 'carried'))}`);
}

async function countClosed() {
  const lines = (await readFile(join(project.dir, '.beads', 'issues.jsonl'), 'utf8')).trim().split('\n');
  return lines.filter((line) => JSON.parse(line).status === 'closed').length;
}

function most(list, key) {
  return Math.max(...list.map((each) => each[key]));
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function kilobytes(bytes) {
  return `${(bytes / 1e3).toFixed(1)} KB`;
}

function report(what, value) {
  console.log(`${what.padEnd(16)} ${value}`);
}
