import { existsSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test, vi } from 'vitest';
import { createProjects } from '../../activities/projects.js';
import { createPrepareRun } from '../../activities/prepare-run.js';
import { createRunAgent } from '../../activities/run-agent.js';
import type { AgentResult } from '../../src/contract/outcomes.js';
import { Project, tryGitIn, write } from '../workspaces/project.js';

const deps = { isRunGoingOn: async () => true };

test('work in progress is kept while an agent is at work, and comes back when its workspace is deleted under it', async () => {
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
  // The second attempt finds what the first one wrote.
  const command = `[ -e new.txt ] && { cat new.txt; exit; }; echo half >new.txt; while [ ! -e '${dir}/go' ]; do sleep 0.02; done`;
  const front = `agent: {command: ${JSON.stringify(command)}}\nworkspace: {wip_interval_ms: 50}`;
  await writeFile(join(dir, 'WORKFLOW.md'), `---\n${front}\n---\n`);
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
  const first = runAgent(1);
  const kept = () => tryGitIn(dir, 'show', 'refs/garland/wip/A1:new.txt');
  await vi.waitFor(() => expect(kept()).toBe('half'), { timeout: 20_000, interval: 50 });
  const workspace = join(dir, '.garland/workspaces/A1');
  rmSync(workspace, { recursive: true, maxRetries: 5 });
  write(dir, { go: '' });
  expect(await first).toMatchObject({ outcome: 'succeeded', reason: 'exit 0' });
  expect(existsSync(workspace)).toBe(false);

  const second = await runAgent(2);
  expect(second).toMatchObject({ outcome: 'succeeded', lastMessage: 'half' });
  expect(second.warnings).toEqual([
    expect.stringMatching(/^the workspace was gone, and is made again with the work kept at /),
  ]);
});
