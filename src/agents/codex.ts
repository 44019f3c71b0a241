import type { Config } from '../config/schema.js';
import type { AgentChoice } from '../contract/agents.js';
import type { Agent } from './agent.js';
import { codexExec } from './codex-command.js';
import { prepareHome, privateHome, readThreadUsage } from './codex-home.js';
import { isTurnEnd, readCodexLines } from './codex-lines.js';
import { judgeOutput, type Wording } from './judge-transcript.js';
import { larger } from './measure-usage.js';
import { priceOf } from './price.js';

const PROGRAM = {
  setting: 'codex.command',
  install: 'Install Codex (npm install -g @openai/codex), or set codex.command in WORKFLOW.md',
};

const WORDING: Wording = {
  name: 'codex',
  ...PROGRAM,
  login: 'Log in (codex login), or see to it that the key that it asks for is there where garland is started',
  limited: /\bhit your usage limit\b|\busage limit\b.*\breached\b|\b429 Too Many Requests\b|\brate limit reached\b/i,
  notLoggedIn:
    /\bnot logged in\b|\bcodex login\b|\b401 Unauthorized\b|\bMissing environment variable\b|\bQuota exceeded\b|\brefresh token\b|\bplease (?:log|sign) ?(?:out and )?(?:in|sign)\b/i,
  unknownOption:
    /^error: (?:unexpected argument|unrecognized subcommand|invalid value|the following required arguments)/im,
  sessionGone: /\bno rollout found for thread id\b/i,
};

/** Codex, without a person: `codex exec --json`. */
export function createCodexAgent(choice: AgentChoice, config: Config['codex'], { now = () => new Date() } = {}): Agent {
  const model = choice.model ?? config.model;
  const effort = choice.effort ?? config.effort;
  const { turn_timeout_ms: timeoutMs, stall_timeout_ms: stall } = config;
  return {
    kind: 'codex',
    label: 'codex',
    program: { argv: ['/bin/sh', '-c', `${codexExec(config.command)} --version`], ...PROGRAM },
    hasSessions: true,
    limits: {
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(stall !== undefined && { stallTimeoutMs: Math.max(0, stall) }),
    },
    launch: (spec, { id, resumes }) => ({
      argv: [
        ...(['/bin/sh', '-c', `${codexExec(config.command)} "$@"`, 'codex'] as const),
        '--json',
        // The workspace is garland's own, whether or not it is in a repository.
        '--skip-git-repo-check',
        ...(config.sandbox === 'danger-full-access'
          ? ['--dangerously-bypass-approvals-and-sandbox']
          : ['--sandbox', config.sandbox]),
        ...(model === undefined ? [] : ['--model', model]),
        ...(effort === undefined ? [] : ['-c', `model_reasoning_effort=${JSON.stringify(effort)}`]),
        ...config.args,
        ...(resumes && id !== undefined ? ['resume', id] : []),
        '-',
      ],
      env: { ...(config.hermetic && { CODEX_HOME: privateHome(spec) }) },
      passEnv: ['OPENAI_API_KEY', 'CODEX_API_KEY', 'OPENAI_BASE_URL', 'CODEX_HOME'],
    }),
    prepare: (spec) => prepareHome(spec, config.hermetic),
    async interpret(output) {
      const report = await judgeOutput(output, {
        wording: WORDING,
        reader: readCodexLines(),
        now: output.endedAt ?? now(),
      });
      const noted = report.session && (await readThreadUsage(output.stdoutFile, report.session));
      return { ...report, ...(noted && { counted: larger(report.counted, noted) }) };
    },
    price: (used) => priceOf(config.prices, model, used),
    isResult: isTurnEnd,
  };
}
