import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProjects } from '../../activities/projects.js';
import { cleanLeftovers } from '../../src/leftovers/find-leftovers.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'garland-recover-'));
  await execa('git', ['init', '-q', '-b', 'main'], { cwd: dir });
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@t'];
  await execa('git', [...identity, 'commit', '-q', '--allow-empty', '-m', 'base'], { cwd: dir });
  await mkdir(join(dir, '.beads'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const at = '2026-01-01T00:00:00Z';
const claimed = (id: string, key: string, name: string) => ({
  id,
  title: id,
  status: 'in_progress',
  priority: 1,
  issue_type: 'task',
  created_at: at,
  updated_at: at,
  assignee: name,
  garland_claim: { key, name, at },
});

async function recover(issues: object[], keep = false) {
  await writeFile(join(dir, '.beads/issues.jsonl'), issues.map((issue) => `${JSON.stringify(issue)}\n`).join(''));
  const run = { runId: 'new-run', project: 'p', projectDir: dir, agentCommand: 'true' };
  const project = await createProjects().open(run);
  await project.workspaces.prepareRun();
  const isRunGoingOn = async (_: string, runId: string) => runId === run.runId;
  const lines = await cleanLeftovers({ ...project, project: run.project, isRunGoingOn, keepsClaims: keep });
  const text = await readFile(join(dir, '.beads/issues.jsonl'), 'utf8');
  const status = Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; status: string })
      .map((issue) => [issue.id, issue.status]),
  );
  return { lines, status };
}

test("a dead run's claim goes back to open; another project's and a person's stay", async () => {
  const person = { ...claimed('c', 'x', 'alice'), garland_claim: undefined };
  const { lines, status } = await recover([
    claimed('a', 'old-run', 'garland/p'),
    claimed('b', 'old-run', 'garland/q'),
    person,
  ]);
  expect(status).toEqual({ a: 'open', b: 'in_progress', c: 'in_progress' });
  expect(lines).toEqual(['a was claimed by an earlier run that is gone: back to open']);
});

test('also that of an issue that somebody was assigned to before', async () => {
  await mkdir(join(dir, '.garland/runs/old-run'), { recursive: true });
  const { status } = await recover([claimed('a', 'old-run', 'alice'), claimed('b', 'elsewhere', 'alice')]);
  expect(status).toEqual({ a: 'open', b: 'in_progress' });
});

test('with wip_first it stays in progress, to be taken as it is', async () => {
  expect((await recover([claimed('a', 'old-run', 'garland/p')], true)).status).toEqual({ a: 'in_progress' });
});

test('what had landed is closed and not run again', async () => {
  const { stdout: head } = await execa('git', ['rev-parse', 'HEAD'], { cwd: dir });
  const attempt = join(dir, '.garland/runs/old-run/a/1');
  await mkdir(attempt, { recursive: true });
  const record = { version: 1, head, hasWork: true, swap: { from: head, to: head } };
  await writeFile(join(attempt, 'landing.json'), JSON.stringify(record));
  const { lines, status } = await recover([claimed('a', 'old-run', 'garland/p')]);
  expect(status).toEqual({ a: 'closed' });
  expect(lines).toEqual(['a had landed in an earlier run that could not say so: settled now']);
});

test('a landing that was recorded but never made is no landing', async () => {
  const attempt = join(dir, '.garland/runs/old-run/a/1');
  await mkdir(attempt, { recursive: true });
  const to = '0123456789012345678901234567890123456789';
  await writeFile(
    join(attempt, 'landing.json'),
    JSON.stringify({ version: 1, head: to, hasWork: true, swap: { from: to, to } }),
  );
  expect((await recover([claimed('a', 'old-run', 'garland/p')])).status).toEqual({ a: 'open' });
});
