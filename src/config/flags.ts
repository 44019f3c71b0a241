import { UserError } from '../errors.js';
import { formatProblem, joinProblems, listProblems, type Problem } from './problems.js';
import { type Config, configSchema } from './schema.js';

/** The flags that change a run, as commander hands them over: text as it was typed, booleans for switches. */
export interface RunFlags {
  /** A whole number from 1, or `unlimited`. */
  maxAgents?: string;
  /** A whole number from 0, or `unlimited`. */
  maxIssues?: string;
  epic?: string;
  /** Issue ids, separated by commas. */
  only?: string;
  order?: string;
  wipFirst?: boolean;
  orphansOnly?: boolean;
  /** Issue types, separated by commas. */
  types?: string;
  /** A shell command. */
  agent?: string;
  retryFailed?: boolean;
  watch?: boolean;
}

/**
 * The settings with the flags in their place: a flag beats the file. `--agent` also makes `agent.kind` shell, and no label
 * asks for anything else. `--retry-failed` and `--watch` are no settings and change nothing here. Throws one UserError with
 * a line for each flag that is wrong; what is allowed is what the file may say, so the limits stand in one place.
 */
export function applyFlags(config: Config, flags: RunFlags): Config {
  const changed = { ...config, tracker: { ...config.tracker }, run: { ...config.run }, agent: { ...config.agent } };
  for (const { name, path, read } of SETTING_FLAGS) {
    const given = flags[name];
    if (given !== undefined) Object.assign(changed[path[0]], { [path[1]]: read(given) });
  }
  if (flags.agent !== undefined) Object.assign(changed.agent, { kind: 'shell', by_label: {} });

  const parsed = configSchema.safeParse(changed);
  if (parsed.success) return parsed.data;
  throw new UserError(joinProblems(listProblems(configSchema, changed, parsed.error).map(nameFlag)));
}

const SETTING_FLAGS = [
  { name: 'maxAgents', flag: '--max-agents', path: ['agent', 'max_concurrent_agents'], read: readNumber },
  { name: 'maxIssues', flag: '--max-issues', path: ['run', 'max_issues'], read: readNumber },
  { name: 'epic', flag: '--epic', path: ['run', 'epic'], read: readAsGiven },
  { name: 'only', flag: '--only', path: ['run', 'only'], read: readList, allowed: 'issue ids separated by commas' },
  { name: 'order', flag: '--order', path: ['run', 'order'], read: readAsGiven },
  { name: 'wipFirst', flag: '--wip-first', path: ['run', 'wip_first'], read: readAsGiven },
  { name: 'orphansOnly', flag: '--orphans-only', path: ['run', 'orphans_only'], read: readAsGiven },
  {
    name: 'types',
    flag: '--types',
    path: ['tracker', 'types'],
    read: readList,
    allowed: 'issue types separated by commas',
  },
  { name: 'agent', flag: '--agent', path: ['agent', 'command'], read: readAsGiven },
] as const satisfies SettingFlag[];

interface SettingFlag {
  name: keyof RunFlags;
  flag: string;
  path: ['agent' | 'run' | 'tracker', string];
  read: (given: string | boolean) => unknown;
  /** Where the command line's form differs from the file's. */
  allowed?: string;
}

function readAsGiven(given: string | boolean): string | boolean {
  return given;
}

/** Digits alone: not `1e3`, not `0x10`, and not the empty text, all of which Number() takes for a number. */
function readNumber(given: string | boolean): unknown {
  return typeof given === 'string' && /^[+-]?\d+$/.test(given.trim()) ? Number(given) : given;
}

/** No entry at all stays text, and so a mistake: `--only "$IDS"` without any ids must not mean every issue. */
function readList(given: string | boolean): unknown {
  if (typeof given !== 'string') return given;
  const entries = given.split(',').map((entry) => entry.trim());
  const filled = entries.filter((entry) => entry !== '');
  return filled.length === 0 ? given : filled;
}

function nameFlag({ path, text }: Problem): string {
  const setting: SettingFlag | undefined = SETTING_FLAGS.find((flag) =>
    flag.path.every((step, at) => path[at] === step),
  );
  if (!setting) return formatProblem({ path, text });
  return `${setting.flag}: ${setting.allowed === undefined ? text : text.replace(/, allowed: .*$/, `, allowed: ${setting.allowed}`)}`;
}
