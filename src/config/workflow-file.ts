import { isAbsolute, relative, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { resolveAgentKind } from './agent-kind.js';
import { readVariable, resolveVariables } from './environment.js';
import { type LocatedProblem, parseFrontMatter } from './front-matter.js';
import { describeSchema } from './json-schema.js';
import { formatProblem, joinProblems, listProblems } from './problems.js';
import { checkPromptSyntax } from './prompt-syntax.js';
import { readText } from './read-text.js';
import { type Config, configSchema } from './schema.js';
import { showValue } from './show-value.js';
import { listWarnings } from './workflow-warnings.js';
import { splitWorkflow } from './split-workflow.js';

export interface WorkflowFile {
  /** Complete: what the file doesn't say has its default, `agent.kind` included where anything tells it. */
  config: Config;
  /** The Liquid template; undefined means the built-in prompt. */
  promptTemplate: string | undefined;
  /** The template's first line in the file, from 1: for errors while it is rendered. */
  templateStartLine: number;
  /** Absolute. */
  file: string;
  /** False: there is no such file, and everything is the default. */
  exists: boolean;
  /** One line each: keys that have no effect although they look as if. */
  warnings: string[];
}

/**
 * Reads a WORKFLOW.md: YAML front matter between two lines `---`, then the prompt template, as the Symphony specification
 * has it. A value that is just `$NAME` comes from `env`. Throws one UserError for everything that is wrong, a line for
 * each: `WORKFLOW.md:7: agent.max_turns: found 0, allowed: a whole number from 1 to 1000`.
 */
export async function loadWorkflowFile(
  file: string,
  { env = process.env }: { env?: NodeJS.ProcessEnv } = {},
): Promise<WorkflowFile> {
  const absolute = resolve(file);
  const name = showFile(absolute);
  const text = await readText(absolute, name);
  const { config, template, startLine, problems, warnings } = parseWorkflow(text ?? '', env);
  const lines = (located: LocatedProblem[]) =>
    located.toSorted((a, b) => a.line - b.line).map((problem) => `${name}:${formatLocated(problem)}`);
  if (config === undefined || problems.length > 0) throw new UserError(joinProblems(lines(problems)));
  return {
    config,
    promptTemplate: template === '' ? undefined : template,
    templateStartLine: startLine,
    file: absolute,
    exists: text !== undefined,
    warnings: lines(warnings),
  };
}

/** A file as a person refers to it: short below the current folder, whole elsewhere. */
export function showFile(file: string): string {
  const short = relative(process.cwd(), file);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? file : short;
}

function parseWorkflow(text: string, env: NodeJS.ProcessEnv) {
  const { yaml, template, startLine, problems: shape, warnings } = splitWorkflow(text);
  const front = parseFrontMatter(yaml);
  const root = describeSchema(configSchema);
  const { value, problems: missing } = resolveVariables(root, front.value, env);
  const parsed = configSchema.safeParse(value);
  // What is found is shown as the file has it: the value of a variable may be a secret.
  const wrong = parsed.success ? [] : listProblems(configSchema, front.value, parsed.error, showWritten);
  const located = [...missing, ...wrong.filter(({ path }) => !missing.some((gap) => isWithin(gap.path, path)))].map(
    (problem) => ({ ...problem, line: front.lineOf(problem.path) }),
  );
  const config = parsed.data;
  if (config) config.agent.kind = resolveAgentKind(config.agent, front.value);
  return {
    config,
    template,
    startLine,
    problems: [...shape, ...front.problems, ...located, ...checkPromptSyntax(template, startLine)],
    warnings: [...warnings, ...listWarnings(root, front)],
  };
}

function showWritten(value: unknown): string {
  if (typeof value === 'string' && readVariable(value) !== undefined) return `${value} (its value isn't shown)`;
  return value === null ? 'no value' : showValue(value);
}

const isWithin = (path: readonly PropertyKey[], outer: readonly PropertyKey[]): boolean =>
  outer.every((step, index) => path[index] === step);

function formatLocated({ line, column, ...problem }: LocatedProblem): string {
  return `${line}${column === undefined ? '' : `:${column}`}: ${formatProblem(problem)}`;
}
