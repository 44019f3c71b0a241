import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test, vi } from 'vitest';
import { createProjects } from '../../activities/projects.js';
import { createPrepareRun } from '../../activities/prepare-run.js';
import { createRunAgent } from '../../activities/run-agent.js';
import type { AgentResult } from '../../src/contract/outcomes.js';
import { gitIn, Project, tryGitIn, write } from '../workspaces/project.js';

const deps = { isRunGoingOn: async () => true };

/** A project with one issue, whose agent is this command. Runs it as attempt after attempt. */
async function start(command: string, workspace: Record<string, unknown>) {
  const project = new Project().start({ 'a.txt': 'a\n' });
  const { dir } = project;
  const at = '2026-01-01T00:00:00Z';
  const issue = {
    id: 'A1',
    title: 'A',
    status: 'open',
    priority: 1,
    issue_type: 'task',
    created_at: at,
    updated_at: at,
  };
  await mkdir(join(dir, '.beads'));
  await writeFile(join(dir, '.beads/issues.jsonl'), `${JSON.stringify(issue)}\n`);
  const settings = { agent: { command }, workspace: { wip_interval_ms: 50, ...workspace } };
  await writeFile(join(dir, 'WORKFLOW.md'), `---\n${JSON.stringify(settings)}\n---\n`);
  const projects = createProjects();
  await createPrepareRun(projects, deps)('p', 'run-1', { project_dir: dir });
  const runAgent = (attempt: number): Promise<AgentResult> =>
    new MockActivityEnvironment().run(createRunAgent(projects, deps), {
      run: { runId: 'run-1', project: 'p', projectDir: dir },
      issueId: 'A1',
      issueTitle: 'A',
      attempt,
      resumption: 0,
    });
  return { dir, runAgent, letGo: () => write(dir, { go: '' }) };
}

/** The second attempt finds what the first one wrote. */
const HALF =
  '[ -e new.txt ] && { cat new.txt; exit; }; echo half >new.txt; while [ ! -e ../../../go ]; do sleep 0.02; done';
const soon = { timeout: 20_000, interval: 50 };

test('work in progress is kept while an agent is at work, and comes back when its workspace is deleted under it', async () => {
  const { dir, runAgent, letGo } = await start(HALF, {});
  const first = runAgent(1);
  const kept = () => tryGitIn(dir, 'show', 'refs/garland/wip/A1:new.txt');
  await vi.waitFor(() => expect(kept()).toBe('half'), { timeout: 20_000, interval: 50 });
  const workspace = join(dir, '.garland/workspaces/A1');
  rmSync(workspace, { recursive: true, maxRetries: 5 });
  letGo();
  expect(await first).toMatchObject({ outcome: 'succeeded', reason: 'exit 0' });
  expect(existsSync(workspace)).toBe(false);

  const second = await runAgent(2);
  expect(second).toMatchObject({ outcome: 'succeeded', lastMessage: 'half' });
  expect(second.warnings).toEqual([
    expect.stringMatching(/^the workspace was gone, and is made again with the work kept at /),
  ]);
});

test('work in progress is pushed to the remote that is configured, while the agent is at work', async () => {
  const { dir, runAgent, letGo } = await start(HALF, { wip_push: 'origin' });
  gitIn(dir, 'init', '--quiet', '--bare', '../remote.git');
  gitIn(dir, 'remote', 'add', 'origin', '../remote.git');
  const result = runAgent(1);
  const pushed = () => tryGitIn(join(dir, '../remote.git'), 'show', 'refs/garland/wip/A1:new.txt');
  await vi.waitFor(() => expect(pushed()).toBe('half'), soon);
  letGo();
  expect(await result).toMatchObject({ outcome: 'succeeded', warnings: [] });
});

test('a remote that takes none of it is asked again, told once, and changes nothing', async () => {
  const { dir, runAgent, letGo } = await start(HALF, { wip_push: 'origin' });
  gitIn(dir, 'init', '--quiet', '--bare', '../remote.git');
  gitIn(dir, 'remote', 'add', 'origin', '../remote.git');
  const hook = join(dir, '../remote.git/hooks/pre-receive');
  await writeFile(hook, '#!/bin/sh\necho asked >>asked\nexit 1\n', { mode: 0o755 });
  const result = runAgent(1);
  const asked = () => readFileSync(join(dir, '../remote.git/asked'), 'utf8').trim().split('\n');
  await vi.waitFor(() => expect(asked().length).toBeGreaterThan(2), soon);
  letGo();
  expect(await result).toMatchObject({
    outcome: 'succeeded',
    warnings: [expect.stringMatching(/^its work in progress could not be pushed to origin: git push: .*declined/)],
  });
});
