import { randomUUID } from 'node:crypto';
import type { Config } from '../config/schema.js';
import type { AgentChoice } from '../contract/agents.js';
import type { Agent } from './agent.js';
import { judgeOutput, type Wording } from './judge-transcript.js';
import { priceOf } from './price.js';
import { isResultLine, readStreamJson } from './stream-json.js';

const PROGRAM = {
  setting: 'claude.command',
  install: 'Install Claude Code (npm install -g @anthropic-ai/claude-code), or set claude.command in WORKFLOW.md',
};

const WORDING: Wording = {
  name: 'claude',
  ...PROGRAM,
  login:
    'Log in (run claude and type /login), or set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN where garland is started',
  limited: /\b(?:hit|reached) your [\w\- ]*limit\b|\blimit reached\b|API Error: (?:Request rejected \()?429\b/i,
  notLoggedIn:
    /\bnot logged in\b|\/login\b|invalid (?:x-)?api[ -]key|authenticat(?:e|ion_failed|ion_error)\b|OAuth token|credit balance is too low/i,
  unknownOption: /^error: (?:unknown option|option '.*' argument '.*' is invalid)/im,
  sessionGone: /\bNo conversation found with session ID\b/i,
};

const PASSED = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_CUSTOM_HEADERS',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
  'CLAUDE_CONFIG_DIR',
];

/**
 * Claude Code, without a person: `claude -p`. Partial messages are asked for because they alone tell what a process has used
 * that is killed.
 */
export function createClaudeAgent(
  choice: AgentChoice,
  config: Config['claude'],
  { now = () => new Date() } = {},
): Agent {
  const model = choice.model ?? config.model;
  const effort = choice.effort ?? config.effort;
  return {
    kind: 'claude',
    label: 'claude',
    program: { argv: [config.command, '--version'], ...PROGRAM },
    hasSessions: true,
    chooseSession: () => randomUUID(),
    launch: ({ allowanceUsd }, { id, resumes }) => ({
      argv: [
        config.command,
        '-p',
        '--verbose',
        '--output-format=stream-json',
        '--include-partial-messages',
        `--permission-mode=${config.permission_mode}`,
        ...(id === undefined ? [] : [resumes ? '--resume' : '--session-id', id]),
        ...(model === undefined ? [] : ['--model', model]),
        ...(effort === undefined ? [] : ['--effort', effort]),
        ...(allowanceUsd === undefined ? [] : ['--max-budget-usd', String(allowanceUsd)]),
        ...(config.hermetic ? ['--setting-sources', '', '--strict-mcp-config'] : []),
        ...config.args,
      ],
      env: {
        // Several agents must not replace the program under each other.
        DISABLE_AUTOUPDATER: '1',
        // As root it refuses to go without asking, unless it is told that a mistake can't do much.
        ...(process.getuid?.() === 0 && { IS_SANDBOX: '1' }),
      },
      passEnv: PASSED,
    }),
    interpret: (output) =>
      judgeOutput(output, {
        wording: WORDING,
        reader: readStreamJson((name, used) => priceOf(config.prices, name, used)),
        now: output.endedAt ?? now(),
      }),
    isResult: isResultLine,
  };
}
