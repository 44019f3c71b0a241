import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageRecord } from '../../src/agents/usage-record.js';
import type { BacklogIssue } from '../integration/harness/backlog.js';
import type { Project, Settings } from '../integration/harness/project.js';
import { withProject } from '../integration/harness/with-project.js';
import { startModelApi, type ModelApi } from './model-api.js';
import type { RealKind } from './real-programs.js';
import { findProgram } from './real-programs.js';

export interface RealOptions {
  issues: BacklogIssue[];
  settings?: Settings;
  /** Shell commands of the gate. */
  gate?: string[];
  /** More of the environment in which garland is started. */
  env?: Record<string, string>;
}

/** Dollars for a million tokens, by which the stub's charges are reckoned. */
export const PRICES: Record<RealKind, { model: string; input: number; cached_input: number; output: number }> = {
  claude: { model: 'claude-opus-5-5', input: 4, cached_input: 0.2, output: 20 },
  codex: { model: 'gpt-5', input: 1.25, cached_input: 0.125, output: 10 },
};

/** A project whose agents are the real program, speaking to a stub of its model's API. */
export async function withRealAgent(
  kind: RealKind,
  { issues, settings = {}, gate = [], env = {} }: RealOptions,
  use: (project: Project, api: ModelApi) => Promise<void>,
): Promise<void> {
  const api = await startModelApi();
  try {
    const sections: Settings = {
      ...settings,
      agent: { kind, ...settings['agent'] },
      [kind]: { ...settingsOf(kind, api.url), ...settings[kind] },
      ...(gate.length > 0 && { verify: { commands: gate } }),
    };
    await withProject({ kind: 'worktree', issues, settings: sections }, async (project) => {
      Object.assign(project.env, environmentOf(kind, api.url), env);
      if (kind === 'codex') mkdirSync(join(project.env['HOME'] ?? '', '.codex'), { recursive: true });
      await use(project, api);
    });
  } finally {
    await api.close();
  }
}

function settingsOf(kind: RealKind, url: string): Record<string, unknown> {
  const { model, ...price } = PRICES[kind];
  const common = { command: findProgram(kind).path, model, prices: { [model]: price } };
  if (kind === 'claude') return common;
  const provider = `{name="stub",base_url="${url}/v1",env_key="OPENAI_API_KEY",wire_api="responses",request_max_retries=0,stream_max_retries=0}`;
  return { ...common, args: ['-c', 'model_provider="stub"', '-c', `model_providers.stub=${provider}`] };
}

function environmentOf(kind: RealKind, url: string): Record<string, string> {
  if (kind === 'codex') return { OPENAI_API_KEY: 'sk-stub' };
  return { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'sk-stub', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
}

export interface RecordedProcess extends UsageRecord {
  /** `a-1/1`: issue and attempt. */
  name: string;
}

/** What is recorded of each process of the project's runs. */
export function readRecords(project: Project): RecordedProcess[] {
  const runs = join(project.dir, '.garland', 'runs');
  return readdirSync(runs, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/usage.json'))
    .map((path) => ({
      ...(JSON.parse(readFileSync(join(runs, path), 'utf8')) as UsageRecord),
      name: path.split('/').slice(1, -1).join('/'),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Tokens and cents, as garland counted them, and as the stub charged them. */
export function compareUsage(kind: RealKind, project: Project, api: ModelApi) {
  const used = readRecords(project).flatMap((record) => (record.used ? [record.used] : []));
  const price = PRICES[kind];
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
  const cents = (usd: number) => Math.round(usd * 1e6) / 1e4;
  return {
    counted: {
      input: sum(used.map((one) => one.inputTokens)),
      cached: sum(used.map((one) => one.cachedInputTokens)),
      output: sum(used.map((one) => one.outputTokens)),
      cents: cents(sum(used.map((one) => one.usd ?? 0))),
    },
    charged: {
      input: sum(api.charges.map(({ input }) => input)),
      cached: sum(api.charges.map(({ cached }) => cached)),
      output: sum(api.charges.map(({ output }) => output)),
      cents: cents(
        sum(
          api.charges.map(
            ({ input, cached, output }) =>
              ((input - cached) * price.input + cached * price.cached_input + output * price.output) / 1e6,
          ),
        ),
      ),
    },
  };
}
