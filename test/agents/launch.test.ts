import { describe, expect, it } from 'vitest';
import type { AttemptSpec, SessionStart } from '../../src/agents/agent.js';
import { createAgent } from '../../src/agents/create-agent.js';
import { NO_USAGE } from '../../src/agents/measure-usage.js';
import { configSchema } from '../../src/config/schema.js';
import type { AgentChoice } from '../../src/contract/agents.js';
import { FIRST_ATTEMPT } from './attempt-spec.js';

const spec = FIRST_ATTEMPT;
const begins: SessionStart = { id: 'ID', resumes: false, before: NO_USAGE };
const resumes: SessionStart = { id: 'ID', resumes: true, before: NO_USAGE };

const launch = (choice: AgentChoice, config: object, session = begins, more: Partial<AttemptSpec> = {}) =>
  createAgent(choice, configSchema.parse(config)).launch({ ...spec, ...more }, session);
const argvOf = (...args: Parameters<typeof launch>) => launch(...args).argv;

describe('Claude Code is started', () => {
  const usual = ['claude', '-p', '--verbose', '--output-format=stream-json', '--include-partial-messages'];
  const free = [...usual, '--permission-mode=bypassPermissions'];
  const first = [...free, '--session-id', 'ID'];
  const kind = 'claude';

  it.each<[string, Parameters<typeof launch>, string[]]>([
    ['as it is', [{ kind }, {}], first],
    ['in its session', [{ kind }, {}, resumes], [...free, '--resume', 'ID']],
    [
      'with model and effort',
      [{ kind }, { claude: { model: 'sonnet', effort: 'low' } }],
      [...first, '--model', 'sonnet', '--effort', 'low'],
    ],
    [
      "with the issue's own",
      [{ kind, model: 'opus', effort: 'high' }, { claude: { model: 'sonnet', effort: 'low' } }],
      [...first, '--model', 'opus', '--effort', 'high'],
    ],
    [
      'with less permission',
      [{ kind }, { claude: { permission_mode: 'acceptEdits' } }],
      [...usual, '--permission-mode=acceptEdits', '--session-id', 'ID'],
    ],
    [
      'with what is left of a budget',
      [{ kind }, {}, begins, { allowanceUsd: 1.5 }],
      [...first, '--max-budget-usd', '1.5'],
    ],
    [
      'without settings of others, and with arguments that have the last word',
      [{ kind }, { claude: { hermetic: true, args: ['--add-dir', '/x y'] } }],
      [...first, '--setting-sources', '', '--strict-mcp-config', '--add-dir', '/x y'],
    ],
    ['by another name', [{ kind }, { claude: { command: '/opt/claude' } }], ['/opt/claude', ...first.slice(1)]],
  ])('%s', (_, args, argv) => {
    expect(argvOf(...args)).toEqual(argv);
  });
});

describe('Codex is started', () => {
  const usual = ['/bin/sh', '-c', 'codex exec "$@"', 'codex', '--json', '--skip-git-repo-check'];
  const free = [...usual, '--dangerously-bypass-approvals-and-sandbox'];
  const kind = 'codex';

  it.each<[string, Parameters<typeof launch>, string[]]>([
    ['as it is', [{ kind }, {}], [...free, '-']],
    ['in its thread', [{ kind }, {}, resumes], [...free, 'resume', 'ID', '-']],
    [
      'with model and effort',
      [{ kind }, { codex: { model: 'gpt-5', effort: 'low' } }],
      [...free, '--model', 'gpt-5', '-c', 'model_reasoning_effort="low"', '-'],
    ],
    [
      "with the issue's own",
      [{ kind, model: 'o9', effort: 'high' }, { codex: { model: 'gpt-5', effort: 'low' } }],
      [...free, '--model', 'o9', '-c', 'model_reasoning_effort="high"', '-'],
    ],
    [
      'in a sandbox',
      [{ kind }, { codex: { sandbox: 'workspace-write' } }],
      [...usual, '--sandbox', 'workspace-write', '-'],
    ],
    [
      "in the sandbox of Symphony's files",
      [{ kind }, { codex: { turn_sandbox_policy: { type: 'readOnly' } } }],
      [...usual, '--sandbox', 'read-only', '-'],
    ],
    [
      'with arguments, before the thread',
      [{ kind }, { codex: { args: ['-c', 'a="b c"'] } }, resumes],
      [...free, '-c', 'a="b c"', 'resume', 'ID', '-'],
    ],
    [
      'by another command, an app server included',
      [{ kind }, { codex: { command: '/opt/codex --profile x app-server' } }],
      ['/bin/sh', '-c', '/opt/codex --profile x exec "$@"', 'codex', ...free.slice(4), '-'],
    ],
  ])('%s', (_, args, argv) => {
    expect(argvOf(...args)).toEqual(argv);
  });

  it('with a home of its own, if it is to be', () => {
    expect(launch({ kind }, {}).env).toEqual({});
    expect(launch({ kind }, { codex: { hermetic: true } }).env).toEqual({ CODEX_HOME: '/r/.codex' });
  });
});

describe('Amp is started', () => {
  const usual = ['--execute', '--stream-json', '--dangerously-allow-all'];
  const kind = 'amp';

  it.each<[string, Parameters<typeof launch>, string[]]>([
    ['as it is', [{ kind }, {}], ['amp', ...usual]],
    ['in its thread', [{ kind }, {}, resumes], ['amp', 'threads', 'continue', 'ID', ...usual]],
    [
      "with the issue's effort, and without its model",
      [{ kind, model: 'x', effort: 'smart' }, {}],
      ['amp', ...usual, '--mode', 'smart'],
    ],
    ['with arguments', [{ kind }, { amp: { command: 'my-amp', args: ['-x'] } }], ['my-amp', ...usual, '-x']],
  ])('%s', (_, args, argv) => {
    expect(argvOf(...args)).toEqual(argv);
  });
});
