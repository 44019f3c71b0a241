import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** A throw-away project folder: a backlog of independent issues and a command as agent. */
export async function makeProject({ issues, command, slots, kind = 'directory' }) {
  const dir = await mkdtemp(join(tmpdir(), 'garland-bench-'));
  await mkdir(join(dir, '.beads'));
  const stamp = '2026-01-01T00:00:00Z';
  const lines = Array.from({ length: issues }, (_, index) =>
    JSON.stringify({
      id: `bench-${index + 1}`,
      title: `Issue ${index + 1}`,
      status: 'open',
      priority: 2,
      issue_type: 'task',
      created_at: stamp,
      updated_at: stamp,
    }),
  );
  await writeFile(join(dir, '.beads', 'issues.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(
    join(dir, 'WORKFLOW.md'),
    [
      '---',
      `project: ${basename(dir)}`,
      'agent:',
      `  command: ${JSON.stringify(command)}`,
      `  max_concurrent_agents: ${slots}`,
      'workspace:',
      `  kind: ${kind}`,
      '---',
      '',
    ].join('\n'),
  );
  if (kind === 'worktree') await makeRepository(dir);
  return { dir, name: basename(dir), remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

async function makeRepository(dir) {
  const git = (...args) =>
    promisify(execFile)('git', ['-c', 'user.name=bench', '-c', 'user.email=', ...args], { cwd: dir });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '.');
  await git('commit', '--quiet', '--message=start');
}

/** When each agent started and ended, in milliseconds, as its own files say: the link to its pid, and its exit status. */
export async function readSpans(dir) {
  const runs = join(dir, '.garland', 'runs');
  const spans = [];
  for (const run of await readdir(runs)) {
    const issues = await readdir(join(runs, run), { withFileTypes: true });
    for (const issue of issues.filter((entry) => entry.isDirectory()).map((entry) => entry.name)) {
      for (const attempt of await readdir(join(runs, run, issue))) {
        const folder = join(runs, run, issue, attempt);
        const link = (await readdir(folder)).find((name) => name.startsWith('pid'));
        if (link === undefined || (await readlink(join(folder, link))) === 'void') continue;
        const start = (await lstat(join(folder, link))).mtimeMs;
        const end = (await stat(join(folder, 'exit'))).mtimeMs;
        spans.push({ start, end });
      }
    }
  }
  return spans;
}
