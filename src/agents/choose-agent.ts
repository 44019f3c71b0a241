import { parse } from 'yaml';
import { z } from 'zod';
import type { Config } from '../config/schema.js';
import { showValue } from '../config/show-value.js';
import { AGENT_KINDS, type AgentChoice, type AgentKind } from '../contract/agents.js';
import { UserError } from '../errors.js';
import { hasLabel } from '../trackers/labels.js';
import type { Issue } from '../trackers/tracker.js';

/** Becomes an argument of a program: nothing that could be taken for an option, or for more than one word. */
const WORD = /^[A-Za-z0-9][A-Za-z0-9._:/@+[\]-]{0,99}$/;
const kind = z.enum(AGENT_KINDS);
const word = z.string().regex(WORD);

/**
 * Which program works on an issue, with which model and effort. What the issue's text says in front matter at its head beats
 * the first label of `agent.by_label` that the issue has, which beats `agent.kind`. A model or effort that is given for one
 * kind of agent isn't handed to another.
 *
 * @throws UserError when the text asks for what there isn't: others wrote it, and it must not be guessed what they meant.
 */
export function chooseAgent(issue: Pick<Issue, 'id' | 'description' | 'labels'>, config: Config): AgentChoice {
  const asked = readWishes(issue);
  const labelled = readLabel(issue.labels, config.agent.by_label);
  const chosen = asked.kind ?? labelled?.kind ?? agentChoiceOf(config).kind;
  if (chosen === 'shell' && config.agent.command === undefined) {
    throw new UserError(`${issue.id}: agent shell is asked for, but agent.command is not set in WORKFLOW.md`);
  }
  const fromLabel = labelled?.kind === chosen ? labelled : undefined;
  const model = asked.model ?? fromLabel?.model;
  const effort = asked.effort ?? fromLabel?.effort;
  return { kind: chosen, ...(model !== undefined && { model }), ...(effort !== undefined && { effort }) };
}

/**
 * The agent of issues that say nothing.
 *
 * @throws UserError when the configuration names none.
 */
export function agentChoiceOf({ agent }: Config): AgentChoice {
  if (agent.kind !== undefined) return { kind: agent.kind };
  throw new UserError(
    `agent.kind: nothing is set, allowed: ${AGENT_KINDS.join(', ')}; or set agent.command in WORKFLOW.md, or pass --agent 'COMMAND'`,
  );
}

/** The kinds that the configuration names, the usual one first. An issue's text may ask for others. */
export function namedKinds(config: Config): AgentKind[] {
  const labelled = Object.values(config.agent.by_label).map((choice) =>
    typeof choice === 'string' ? choice : choice.kind,
  );
  return [...new Set([agentChoiceOf(config).kind, ...labelled])];
}

function readLabel(labels: readonly string[], byLabel: Config['agent']['by_label']): AgentChoice | undefined {
  const [, found] = Object.entries(byLabel).find(([label]) => hasLabel(labels, label)) ?? [];
  return typeof found === 'string' ? { kind: found } : found;
}

/** `---`, then `agent: codex`, `model: x` or `effort: high`, then `---`. Other keys are somebody else's. */
function readWishes({ id, description = '' }: Pick<Issue, 'id' | 'description'>): Partial<AgentChoice> {
  const front = readFrontMatter(description);
  const read = <T>(key: string, schema: z.ZodType<T>, allowed: string): T | undefined => {
    const value = front[key];
    if (value === undefined || value === null) return undefined;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new UserError(`${id}: its text asks for ${key}: found ${showValue(value)}, allowed: ${allowed}`);
  };
  return {
    kind: read('agent', kind, AGENT_KINDS.join(', ')),
    model: read('model', word, "a model's name"),
    effort: read('effort', word, 'a word'),
  };
}

/** Empty for whatever isn't a map: texts may begin with a line `---` for other reasons. */
function readFrontMatter(text: string): Record<string, unknown> {
  const [, block] = /^\uFEFF?\s*---[ \t]*\r?\n([^]{0,5000}?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text) ?? [];
  if (block === undefined) return {};
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(parse(block, { maxAliasCount: 0, logLevel: 'silent' }));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}
