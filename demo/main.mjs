#!/usr/bin/env node
// `npm start`: garland at work on a small backlog in a throw-away repository, with a scripted agent instead of a real one.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject } from './make-project.mjs';

const garland = join(import.meta.dirname, '..', 'bin', 'garland.js');
/** Its solution is wrong on purpose, to show what a failure looks like. */
const failsByDesign = 'kitchen-8';

const folder = makeProject();
console.log(`A project to try garland on: ${folder}`);
console.log(`Eleven issues, three scripted agents. ${failsByDesign} fails its tests by design.\n`);

// Ctrl-C reaches garland too, and what it means is garland's business.
process.on('SIGINT', () => {});
const run = spawn(process.execPath, [garland, 'run'], { cwd: folder, stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => run.kill(signal));
const [code] = await once(run, 'exit');

const failed = readIssues().filter(({ status }) => status !== 'closed');
const asPlanned =
  code === 1 && failed.filter(({ issue_type: type }) => type !== 'epic').every(({ id }) => id === failsByDesign);
if (asPlanned) {
  console.log(`\n${failsByDesign} failed by design: its agent writes a formula that its own test refuses.`);
  console.log('\nWhat the agents did (git log garland/integration):');
  spawnSync('git', ['-C', folder, '--no-pager', 'log', '--oneline', '--graph', 'garland/integration'], {
    stdio: 'inherit',
  });
  console.log(`\nGo on with: cd ${folder} && git merge garland/integration`);
  console.log(`A garland to type: alias garland="node ${garland}"`);
  console.log(`No longer needed? rm -rf ${folder}`);
} else {
  const cutShort = code === 0 || code === 3 || code === 130;
  console.log(`\nThe demo ${cutShort ? 'was cut short' : 'did not go as planned'}; everything lies in ${folder}`);
}
process.exitCode = asPlanned ? 0 : (code ?? 1);

function readIssues() {
  const lines = readFileSync(join(folder, '.beads', 'issues.jsonl'), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}
