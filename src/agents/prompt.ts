import { Liquid } from 'liquidjs';
import { UserError } from '../errors.js';
import { cleanText } from '../processes/read-tail.js';
import type { Issue } from '../trackers/tracker.js';
import { BUILT_IN_PROMPT } from './built-in-prompt.js';

export interface PromptInput {
  issue: Issue;
  /** Where the state of the issues that block it is looked up. @default unknown */
  issues?: readonly Issue[];
  /** From 1. */
  attempt: number;
  gateCommands: readonly string[];
  /** What went wrong in the attempt before. */
  previous?: string;
  workspace: string;
  baseBranch: string;
}

/** Of each text of the issue, in bytes. */
const MAX_TEXT = 100_000;
const ALLOWED =
  'issue.(id|identifier|title|description|design|acceptance_criteria|notes|type|priority|state|labels|parents|blocked_by|branch_name|url|created_at|updated_at), attempt, previous, gate_commands, workspace, base_branch';

/**
 * The prompt of an attempt. `template` is Liquid, strict: an unknown variable or filter is an error; undefined means the
 * built-in prompt. Variables have the names of the Symphony specification (`issue.identifier`, `issue.blocked_by`, …,
 * and `attempt`, which is null the first time and the number of the attempt afterwards), and besides
 * `issue.design|acceptance_criteria|notes|type|parents`, `previous`, `gate_commands`, `workspace` and `base_branch`. What
 * isn't there is null. The issue's texts are data: nothing in them is evaluated.
 *
 * @throws UserError with the template's line; `source` says where the template begins in which file.
 */
export function renderPrompt(
  template: string | undefined,
  input: PromptInput,
  source: { file: string; startLine: number } = { file: 'WORKFLOW.md', startLine: 1 },
): string {
  const liquid = new Liquid({ strictVariables: true, strictFilters: true });
  try {
    return String(liquid.parseAndRenderSync(template ?? BUILT_IN_PROMPT, listVariables(input)));
  } catch (error) {
    throw new UserError(describeError(error, source));
  }
}

function listVariables(input: PromptInput) {
  const { issue, issues = [], attempt, gateCommands, previous, workspace, baseBranch } = input;
  const stateOf = (id: string): string | null => issues.find((other) => other.id === id)?.status ?? null;
  return {
    issue: {
      id: tidyText(issue.id),
      identifier: tidyText(issue.id),
      title: tidyText(issue.title),
      description: tidyText(issue.description),
      design: tidyText(issue.design),
      acceptance_criteria: tidyText(issue.acceptanceCriteria),
      notes: tidyText(issue.notes),
      type: issue.type,
      priority: issue.priority,
      state: issue.status,
      // Lower case, so that a template can look for one; Symphony's files rely on it.
      labels: issue.labels.map((label) => tidyText(label.toLowerCase())),
      parents: issue.parents,
      blocked_by: issue.blockers.map((id) => ({ id, identifier: id, state: stateOf(id) })),
      // No tracker has it; a template written for Symphony may ask.
      branch_name: null,
      url: issue.url ?? null,
      created_at: issue.createdAt ?? null,
      updated_at: issue.updatedAt ?? null,
    },
    attempt: attempt > 1 ? attempt : null,
    previous: tidyText(previous),
    gate_commands: gateCommands,
    workspace,
    base_branch: baseBranch,
  };
}

/** Control characters go, and what is too long is cut with a word about it. */
export function tidyText(text: string | undefined): string | null {
  if (text === undefined) return null;
  const clean = cleanText(text);
  const data = Buffer.from(clean);
  if (data.length <= MAX_TEXT) return clean;
  let end = MAX_TEXT;
  // 0b10xxxxxx continues a character: cut before the character, not within.
  while ((data[end]! & 0xc0) === 0x80) end -= 1;
  return `${data.subarray(0, end).toString('utf8')}\n\n[Cut here by garland: ${end} of ${data.length} bytes.]`;
}

function describeError(error: unknown, { file, startLine }: { file: string; startLine: number }): string {
  if (!(error instanceof Error)) return `${file}: prompt: ${String(error)}`;
  const { message, line } = takeLine(error.message);
  const reason = message.replaceAll(/\s+/g, ' ');
  return `${file}:${startLine + line - 1}: prompt: ${reason}; a prompt may use ${ALLOWED}`;
}

/** Liquid's messages end in `, line:3, col:7`. */
function takeLine(text: string): { message: string; line: number } {
  const match = /^(.*), line:(\d+), col:\d+$/s.exec(text);
  return { message: match?.[1] ?? text, line: Number(match?.[2] ?? 1) };
}
