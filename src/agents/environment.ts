import { isForGarlandAlone } from '../secrets/variables.js';
import type { AttemptSpec, Launch } from './agent.js';
import { cutText } from './cut-text.js';

/** What programs usually need, and nothing that is a secret. */
const USUAL = new RegExp(
  `^(${[
    'PATH|HOME|USER|LOGNAME|SHELL|TERM|TMPDIR|TZ|LANG|LANGUAGE|LC_[A-Z_]+',
    'XDG_(CONFIG|DATA|STATE|CACHE)_(HOME|DIRS)|XDG_RUNTIME_DIR',
    '(HTTP|HTTPS|ALL|NO)_PROXY|(http|https|all|no)_proxy',
    'NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)',
    'GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL)',
  ].join('|')})$`,
);

/** Linux refuses to start a program with a longer entry than 128 KiB. */
const MAX_VALUE = 100_000;
const MAX_TITLE = 1_000;

export interface EnvironmentOptions {
  /** Exact names to let through besides the usual ones. */
  names?: readonly string[];
  /** Set whatever the source has; values are made fit for an environment. */
  set?: Record<string, string>;
  /** @default the environment of this process */
  source?: NodeJS.ProcessEnv;
}

/** The whole environment of an agent, a hook or a command of the gate, from a list of what is allowed. */
export function buildEnvironment({
  names = [],
  set = {},
  source = process.env,
}: EnvironmentOptions): Record<string, string> {
  const isAllowed = (name: string) => (USUAL.test(name) || names.includes(name)) && !isForGarlandAlone(name);
  const kept = Object.entries(source).flatMap(([name, value]) =>
    value !== undefined && isAllowed(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries([...kept, ...Object.entries(set)].map(([name, value]) => [name, makeFit(value)]));
}

/** The environment of an agent: the usual, what its configuration names, what its kind needs, and what it is asked to do. */
export function buildAgentEnvironment(
  spec: AttemptSpec,
  launch: Pick<Launch, 'env' | 'passEnv'>,
  options: { names: readonly string[]; source?: NodeJS.ProcessEnv },
): Record<string, string> {
  return buildEnvironment({
    names: [...options.names, ...launch.passEnv],
    set: { ...launch.env, ...describeAttempt(spec) },
    source: options.source,
  });
}

function describeAttempt(spec: AttemptSpec): Record<string, string> {
  return {
    GARLAND_ISSUE_ID: spec.issueId,
    GARLAND_ISSUE_TITLE: cutText(spec.issueTitle, MAX_TITLE),
    GARLAND_ATTEMPT: String(spec.attempt),
    GARLAND_RUN_ID: spec.runId,
    GARLAND_WORKSPACE: spec.workspace,
    GARLAND_PROMPT_FILE: spec.promptFile,
    GARLAND_BASE_BRANCH: spec.baseBranch,
  };
}

/** A program can't be started with a NUL in its environment. */
function makeFit(value: string): string {
  return cutText(value.replaceAll('\0', ''), MAX_VALUE);
}
