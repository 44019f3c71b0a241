// The demo's agent: a program that "solves" an issue by a solution that lies ready, at the pace of somebody who types fast.
// A real one (Claude Code, Codex, …) would read the prompt on stdin and think. What it is told, it is told by the same variables.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { GARLAND_ISSUE_ID: id = '', GARLAND_ISSUE_TITLE: title = '', GARLAND_ATTEMPT: attempt = '1' } = process.env;
const solution = join(import.meta.dirname, 'solutions', id);

await say(`${title} (attempt ${attempt})`);
await say('reading the code …');
if (!existsSync(solution)) {
  await say('there is a LICENSE already');
  await say('GARLAND: ALREADY_DONE the repository has had a LICENSE from the start');
} else {
  for (const file of readdirSync(solution, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )) {
    await say(`writing ${file.name} …`);
  }
  cpSync(solution, '.', { recursive: true });
  execFileSync('git', ['add', '--all'], { stdio: 'inherit' });
  // Nothing, when an attempt before has committed it all and was killed then.
  if (execFileSync('git', ['status', '--porcelain']).length > 0) {
    execFileSync('git', ['commit', '--quiet', '--message', `${id}: ${title}`], { stdio: 'inherit' });
  }
  await say('done, committed');
}

async function say(line) {
  console.log(line);
  await sleep(500 + Math.random() * 600);
}
