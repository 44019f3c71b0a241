import { z } from 'zod';
import { AGENT_KINDS } from '../contract/agents.js';
import { command, milliseconds, millisecondsOrOff, text } from './schema-parts.js';
import { gitSchema, hooksSchema, landSchema, verifySchema, workspaceSchema } from './work-schema.js';

/**
 * Everything that WORKFLOW.md may say, with its defaults: with work-schema.ts the only place where defaults live.
 * Names that the Symphony specification has are kept; the rest is garland's own.
 * Durations end in `_ms` and are milliseconds.
 *
 * `allowed` in a schema's metadata is what an error says is allowed there; `environment: false` keeps `$NAME` as it is
 * written; `unused` marks what only Symphony reads. See json-schema.ts.
 */

// The Symphony specification allows both forms.
const states = z
  .union([
    z.array(text),
    z
      .string()
      .regex(/[^\s,]/)
      .meta({ allowed: 'text separated by commas' })
      .transform(splitAtCommas),
  ])
  .optional();
const symphonyOnly = { environment: false, unused: true };

export const ORDERS = ['epic', 'priority', 'focus', 'input'] as const;

export const TRACKERS = ['beads', 'beads-jsonl', 'github'] as const;
export const DEFAULT_TRACKER_PATH = '.beads/issues.jsonl';

export const trackerSchema = z
  .strictObject({
    kind: z
      .enum(TRACKERS)
      .optional()
      .describe('Which tracker holds the issues. Default: what the project has, see docs/trackers.md.'),
    provider: z.unknown().optional().describe("The tracker's own settings."),
    path: text.default(DEFAULT_TRACKER_PATH).describe('beads-jsonl: the file, relative to the project folder.'),
    types: z.array(text).optional().describe('Issue types to work on. Default: every type but epic.'),
    required_labels: z.array(text).default([]).describe('Only issues that carry all of these labels.'),
    active_states: states.describe('States in which an issue may be picked up. Default: open.'),
    terminal_states: states.describe('States that count as closed. Default: closed, tombstone.'),
    close_epics: z.boolean().default(true).describe('Close an epic when its last open child is closed.'),
    endpoint: text
      .optional()
      .describe('github: the address of the API of GitHub Enterprise, as https://github.example.org/api/v3.'),
    api_key: z.string().optional().meta({
      // Looked up where it is used, so that the token is in no configuration.
      environment: false,
      description:
        'github: $NAME, the environment variable that holds the token. Default: GITHUB_TOKEN, else GH_TOKEN.',
    }),
    project_slug: z
      .string()
      .optional()
      .meta({ ...symphonyOnly, description: "Kept for Symphony's files; not used by garland." }),
  })
  .prefault({});

export const runSchema = z
  .strictObject({
    max_issues: z
      .union([z.number().int().min(0), z.literal('unlimited')])
      .default('unlimited')
      .describe('Start at most so many issues in a run.'),
    epic: text.optional().describe('Only descendants of this epic.'),
    only: z.array(text).default([]).describe('Only these issues. Empty: no restriction.'),
    order: z.enum(ORDERS).default('epic').describe('In which order ready issues are started.'),
    wip_first: z.boolean().default(false).describe("Also take issues in progress that are nobody else's, and first."),
    orphans_only: z.boolean().default(false).describe('Only issues without a parent epic.'),
  })
  .prefault({});

const agentKind = z.enum(AGENT_KINDS);

export const agentSchema = z
  .strictObject({
    kind: z
      .enum(AGENT_KINDS)
      .optional()
      .describe(
        'Which program does the work. Default: shell if there is a command, codex if there is a section codex.',
      ),
    command: command.optional().describe('shell: the command, run through sh -c with the prompt on stdin.'),
    max_concurrent_agents: z
      .union([z.number().int().min(1), z.literal('unlimited')])
      .default(4)
      .describe('How many agents run at the same time.'),
    max_attempts: z.number().int().min(1).max(100).default(3).describe('How often an issue is tried.'),
    by_label: z
      .record(
        text,
        z.union([agentKind, z.strictObject({ kind: agentKind, model: text.optional(), effort: text.optional() })]),
      )
      .default({})
      .describe('Another agent for issues with a label: label to kind, or to kind, model and effort.'),
    max_turns: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe(
        'Turns of one attempt: how often an agent is told in its session why its work was rejected, and goes on.',
      ),
    max_retry_backoff_ms: milliseconds.default(300_000).describe('The longest wait between two attempts.'),
    timeout_ms: millisecondsOrOff
      .default(3_600_000)
      .describe('The longest that one process of an agent may run: each turn has it anew. 0: no limit.'),
    stall_timeout_ms: millisecondsOrOff.default(0).describe('The longest an agent may go without output. 0: no limit.'),
    stop_grace_ms: millisecondsOrOff.default(5_000).describe('From SIGTERM to SIGKILL when an agent is stopped.'),
    env: z
      .array(text)
      .default([])
      .describe('Names of environment variables that the agent gets besides the usual ones.'),
    max_concurrent_agents_by_state: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ ...symphonyOnly, description: "Kept for Symphony's files; not used by garland." }),
  })
  .prefault({});

const model = text.optional().describe('The model, by the name that the program has for it. Default: its own.');
const effort = text.optional().describe('How much the model thinks, by the word that the program has for it.');
const args = z.array(text).default([]).describe('More arguments for the program.');
const usd = z.number().min(0).optional();
const prices = z
  .record(
    text,
    z.strictObject({ input: z.number().min(0), cached_input: z.number().min(0), output: z.number().min(0) }),
  )
  .default({})
  .describe('US dollars for a million tokens, for each model. Without: no cost is known.');

export const claudeSchema = z
  .strictObject({
    command: text.default('claude').describe('The program.'),
    model,
    effort,
    permission_mode: text.default('bypassPermissions').describe('What it may do without asking, which nobody answers.'),
    hermetic: z.boolean().default(false).describe('Without settings and MCP servers of the user and the repository.'),
    args,
    prices: prices.describe(
      'US dollars for a million tokens, for each model: for what an agent used that was killed, which Claude Code forgets.',
    ),
  })
  .prefault({});

const SANDBOXES = ['danger-full-access', 'workspace-write', 'read-only'] as const;
/** Codex has these words in its app-server's protocol, where Symphony's files have them from. */
const SANDBOX_POLICIES = {
  dangerFullAccess: 'danger-full-access',
  externalSandbox: 'danger-full-access',
  workspaceWrite: 'workspace-write',
  readOnly: 'read-only',
} as const satisfies Record<string, (typeof SANDBOXES)[number]>;

// Loose: Symphony hands on to Codex whatever it doesn't know itself.
export const codexSchema = z
  .looseObject({
    command: command
      .default('codex')
      .describe('The program, or a shell command that ends in it and its options; app-server in it is read as exec.'),
    model,
    effort,
    sandbox: z
      .enum(SANDBOXES)
      .optional()
      .describe("What its commands may touch. Default: what Symphony's two keys say, else danger-full-access."),
    hermetic: z.boolean().default(false).describe('With a private CODEX_HOME that holds the credentials alone.'),
    args,
    prices,
    turn_timeout_ms: milliseconds.optional().describe('For codex, in the place of agent.timeout_ms.'),
    stall_timeout_ms: z
      .number()
      .int()
      .max(2_147_483_647)
      .optional()
      .describe('For codex, in the place of agent.stall_timeout_ms.'),
    read_timeout_ms: z
      .unknown()
      .optional()
      .meta({ ...symphonyOnly, description: "Kept for Symphony's files; not used by garland." }),
    approval_policy: z
      .unknown()
      .optional()
      .meta({ ...symphonyOnly, description: "Kept for Symphony's files; not used by garland." }),
    thread_sandbox: z.enum(SANDBOXES).optional().describe("Symphony's word for codex.sandbox."),
    turn_sandbox_policy: z
      .looseObject({ type: z.enum(['dangerFullAccess', 'externalSandbox', 'workspaceWrite', 'readOnly']) })
      .optional()
      .describe("Symphony's too, and before thread_sandbox. Only its type is used."),
  })
  .transform(({ sandbox, ...codex }) => {
    const policy = codex.turn_sandbox_policy && SANDBOX_POLICIES[codex.turn_sandbox_policy.type];
    return { ...codex, sandbox: sandbox ?? policy ?? codex.thread_sandbox ?? ('danger-full-access' as const) };
  })
  .prefault({});

export const ampSchema = z
  .strictObject({
    command: text.default('amp').describe('The program.'),
    args,
    prices,
  })
  .prefault({});

export const budgetSchema = z
  .strictObject({
    run_usd: usd.describe('What a run may cost, in US dollars.'),
    issue_usd: usd.describe('What an issue may cost in a run, in US dollars.'),
    day_usd: usd.describe("What the project's runs may cost in a day of the worker's time zone, in US dollars."),
    run_tokens: z.number().int().min(0).optional().describe('Tokens of input and output that a run may use.'),
    issue_tokens: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('Tokens of input and output that an issue may use in a run.'),
    hard: z.boolean().default(false).describe('Also stop active agents when a budget is spent, and keep their work.'),
  })
  .prefault({});

export const pollingSchema = z
  .strictObject({
    interval_ms: milliseconds.default(30_000).describe('Between two polls while a slot is free.'),
    give_up_after_ms: milliseconds
      .default(600_000)
      .describe('The run ends with poll_failed when polling has failed for so long.'),
  })
  .prefault({});

export const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export const configSchema = z.looseObject({
  project: z
    .string()
    .regex(PROJECT_NAME)
    .meta({ allowed: 'letters, digits, dot, dash and underscore, a letter or digit first, at most 100' })
    .optional()
    .describe("The project's name. Default: the folder's."),
  tracker: trackerSchema,
  run: runSchema,
  agent: agentSchema,
  claude: claudeSchema,
  codex: codexSchema,
  amp: ampSchema,
  budget: budgetSchema,
  workspace: workspaceSchema,
  hooks: hooksSchema,
  git: gitSchema,
  verify: verifySchema,
  land: landSchema,
  polling: pollingSchema,
});

export type Config = z.infer<typeof configSchema>;

function splitAtCommas(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
