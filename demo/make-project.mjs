import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBacklog } from './backlog.mjs';

const here = import.meta.dirname;

/** Makes a throw-away repository with a backlog, an agent and a WORKFLOW.md, and returns its folder. */
export function makeProject() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'garland-demo-')));
  cpSync(join(here, 'kitchen'), folder, { recursive: true });
  cpSync(join(here, '..', 'WORKFLOW.md'), join(folder, 'WORKFLOW.md'));
  for (const name of ['agent.mjs', 'solutions'])
    cpSync(join(here, name), join(folder, 'demo', name), { recursive: true });
  mkdirSync(join(folder, '.beads'));
  writeFileSync(join(folder, '.beads', 'issues.jsonl'), writeBacklog());

  const git = (...args) => execFileSync('git', ['-C', folder, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  git('init', '--quiet', '--initial-branch=main');
  // Whoever tries the demo may never have told git who they are, or may have it sign every commit.
  git('config', 'user.name', 'garland demo');
  git('config', 'user.email', 'demo@garland.invalid');
  git('config', 'commit.gpgsign', 'false');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'A kitchen library to be');
  return folder;
}
