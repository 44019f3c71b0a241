import { join } from 'node:path';
import { expect, it } from 'vitest';
import { codexExec } from '../../src/agents/codex-command.js';
import { renderPrompt } from '../../src/agents/prompt.js';
import { applyFlags } from '../../src/config/flags.js';
import { resolvePath } from '../../src/config/resolve-path.js';
import { loadWorkflowFile } from '../../src/config/workflow-file.js';
import { makeIssue } from '../trackers/make-issue.js';
import { front, load, problemsOf } from './load-text.js';
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
  thread_sandbox: read-only
  turn_sandbox_policy:
    type: workspaceWrite
    networkAccess: false
  service_tier: fast
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
  expect(config.codex).toMatchObject({ turn_timeout_ms: 3_600_000, stall_timeout_ms: 0, service_tier: 'fast' });
  expect(codexExec(config.codex.command)).toBe('codex exec');
  expect(config).toMatchObject({ server: { port: 0 } });
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
    '36 codex.service_tier',
  ]);
});

it.each(['{endpoint: x, api_key: $X}', '{kind: github, endpoint: x, api_key: $X}'])(
  'says nothing of a token where the tracker may be one that needs it: %s',
  async (tracker) => expect((await load(front(`tracker: ${tracker}`))).warnings).toEqual([]),
);

const settings = async (...lines: string[]) => (await load(front(...lines))).config;

it.each([
  ['nothing', '{}', 'danger-full-access'],
  ["the thread's sandbox", '{thread_sandbox: workspace-write}', 'workspace-write'],
  [
    "the turn's policy before it",
    '{thread_sandbox: workspace-write, turn_sandbox_policy: {type: readOnly}}',
    'read-only',
  ],
  ['a sandbox of somebody else', '{turn_sandbox_policy: {type: externalSandbox}}', 'danger-full-access'],
  ["garland's own key before both", '{sandbox: read-only, thread_sandbox: workspace-write}', 'read-only'],
])('runs Codex in the sandbox that the file names: %s', async (_, codex, sandbox) => {
  const config = await settings(`codex: ${codex}`);
  expect(config.codex.sandbox).toBe(sandbox);
  expect(applyFlags(config, {}).codex.sandbox).toBe(sandbox);
});

it('takes no sandbox for none at all that it does not know', async () => {
  expect(await problemsOf(front('codex: {turn_sandbox_policy: {type: readAll}}'))).toEqual([
    'WORKFLOW.md:2: codex.turn_sandbox_policy.type: found "readAll", allowed: "dangerFullAccess", "externalSandbox", "workspaceWrite" or "readOnly"',
  ]);
});

it.each([
  ['codex app-server', 'codex exec'],
  ['codex --config a=1 --model m app-server', 'codex --config a=1 --model m exec'],
  ['$CODEX_BIN app-server --model m', '$CODEX_BIN exec --model m'],
  ['codex', 'codex exec'],
  ['/opt/app-server/codex', '/opt/app-server/codex exec'],
])('runs the program that codex.command names: %s', (command, line) => {
  expect(codexExec(command)).toBe(line);
});

it('leaves variables in codex.command to the shell', async () => {
  const { config } = await load(front('codex: {command: $CODEX_BIN app-server}'), { CODEX_BIN: 'x' });
  expect(config.codex.command).toBe('$CODEX_BIN app-server');
});

it.each([
  ['a word that holds a number', '"9000"', 9_000],
  ['zero', '0', 60_000],
  ['less', '-1', 60_000],
])('reads hooks.timeout_ms: %s', async (_, written, expected) => {
  const config = await settings(`hooks: {timeout_ms: ${written}}`);
  expect(config.hooks.timeout_ms).toBe(expected);
});

it('reads numbers in quotes wherever Symphony has numbers', async () => {
  const config = await settings(
    'polling: {interval_ms: "5000"}',
    'agent: {max_concurrent_agents: "7", max_turns: "3", max_retry_backoff_ms: "20000"}',
    'codex: {turn_timeout_ms: "60000", stall_timeout_ms: "-1"}',
  );
  expect(config.polling.interval_ms).toBe(5_000);
  expect(config.agent).toMatchObject({ max_concurrent_agents: 7, max_turns: 3, max_retry_backoff_ms: 20_000 });
  expect(config.codex).toMatchObject({ turn_timeout_ms: 60_000, stall_timeout_ms: -1 });
});

it('reads workspace.root from a variable, from the home folder, and from where WORKFLOW.md is', async () => {
  const { config } = await load(front('workspace: {root: $ROOT}'), { ROOT: '~/work' });
  expect(resolvePath('/project', config.workspace.root, '/home/me')).toBe('/home/me/work');
  expect(resolvePath('/project', 'work', '/home/me')).toBe('/project/work');
  expect(resolvePath('/project', '/work', '/home/me')).toBe('/work');
});

/** Every field of an issue that the specification has, and the attempt. */
const TEMPLATE = `{{ issue.id }} {{ issue.identifier }} {{ issue.title }} {{ issue.description }} {{ issue.priority }} {{ issue.state }}
{{ issue.branch_name }}{{ issue.url }} {{ issue.labels | join: "," }} {{ issue.created_at }} {{ issue.updated_at }}
{% for blocker in issue.blocked_by %}{{ blocker.id }}/{{ blocker.identifier }}/{{ blocker.state }} {% endfor %}
{% if attempt %}again: {{ attempt }}{% else %}first{% endif %}`;

it('renders a prompt that uses all that Symphony has', () => {
  const before = makeIssue('s-1', { status: 'closed' });
  const issue = {
    ...before,
    id: 's-2',
    title: 'Cut',
    description: 'In two.',
    status: 'Todo',
    priority: 2,
    url: 'https://t.example/2',
    labels: ['Bug', 'UI'],
    blockers: ['s-1', 's-0'],
    createdAt: '2026-01-01',
    updatedAt: '2026-01-02',
  };
  const input = { issue, issues: [before, issue], gateCommands: [], workspace: '/w', baseBranch: '' };
  const lines = ['s-2 s-2 Cut In two. 2 Todo', 'https://t.example/2 bug,ui 2026-01-01 2026-01-02'];
  const blockers = 's-1/s-1/closed s-0/s-0/ ';
  expect(renderPrompt(TEMPLATE, { ...input, attempt: 1 }).split('\n')).toEqual([...lines, blockers, 'first']);
  expect(renderPrompt(TEMPLATE, { ...input, attempt: 2 }).split('\n')).toEqual([...lines, blockers, 'again: 2']);
});

it.each(['{{ issue.urll }}', '{{ ticket }}', '{{ issue.title | shout }}'])(
  'fails on what it does not know: %s',
  (template) => {
    const issue = makeIssue('a');
    const input = { issue, attempt: 1, gateCommands: [], workspace: '/w', baseBranch: '' };
    expect(() => renderPrompt(template, input)).toThrow('WORKFLOW.md:1: prompt: ');
  },
);
