import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadWorkflowFile } from '../../src/config/workflow-file.js';
import { makeFolder, messageOf } from './temporary-folder.js';

/** Every key that the Symphony specification names, in its forms. */
const text = (kind: string): string => `---
tracker:
  kind: ${kind}
  endpoint: https://tracker.example/graphql
  api_key: $TRACKER_KEY_THAT_IS_NOT_SET
  project_slug: shop-1
  active_states: Todo, In Progress
  terminal_states: [Done, Closed]
polling:
  interval_ms: "5000"
workspace:
  root: ~/work/shop
hooks:
  after_create: |
    git clone "$REPOSITORY" .
  before_run: null
  after_run: ~
  before_remove:
  timeout_ms: 900000
agent:
  max_concurrent_agents: "10"
  max_turns: 20
  max_retry_backoff_ms: 300000
  max_concurrent_agents_by_state:
    todo: 1
    rework: none
codex:
  command: codex app-server
  turn_timeout_ms: 3600000
  read_timeout_ms: 5000
  stall_timeout_ms: 0
  turn_sandbox_policy:
    type: workspaceWrite
server:
  port: 0
---

Work on {{ issue.identifier }}: {{ issue.title }}.
{% if attempt %}This is attempt {{ attempt }}.{% endif %}
`;

it("loads a file that was written for Symphony, but for a tracker that isn't there", async () => {
  const folder = await makeFolder({ 'WORKFLOW.md': text('linear') });
  expect(await messageOf(() => loadWorkflowFile(join(folder, 'WORKFLOW.md')))).toMatch(
    /WORKFLOW\.md:3: tracker\.kind: found "linear", allowed: "[^\n]*$/,
  );
});

it('loads it once the tracker is one of ours', async () => {
  const folder = await makeFolder({ 'WORKFLOW.md': text('beads-jsonl') });
  const { config, promptTemplate } = await loadWorkflowFile(join(folder, 'WORKFLOW.md'));
  expect(config.tracker).toMatchObject({ active_states: ['Todo', 'In Progress'], terminal_states: ['Done', 'Closed'] });
  expect(config.polling.interval_ms).toBe(5000);
  expect(config.agent).toMatchObject({ max_concurrent_agents: 10, max_turns: 20 });
  expect(config.hooks).toEqual({ after_create: 'git clone "$REPOSITORY" .', timeout_ms: 900_000 });
  expect(config).toMatchObject({ codex: { stall_timeout_ms: 0 }, server: { port: 0 } });
  expect(promptTemplate).toMatch(/^Work on /);
});

it('says which of its keys have no effect', async () => {
  const folder = await makeFolder({ 'WORKFLOW.md': text('beads-jsonl') });
  const { warnings } = await loadWorkflowFile(join(folder, 'WORKFLOW.md'));
  expect(warnings.map((line) => line.replace(/^.*:(\d+): (\S+):.*$/, '$1 $2'))).toEqual([
    '4 tracker.endpoint',
    '5 tracker.api_key',
    '6 tracker.project_slug',
    '24 agent.max_concurrent_agents_by_state',
    '30 codex.read_timeout_ms',
    '32 codex.turn_sandbox_policy',
  ]);
});
