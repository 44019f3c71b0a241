import type { z } from 'zod';
import { describeAllowed, findNode } from './allowed.js';
import { describeSchema, type SchemaNode } from './json-schema.js';
import { suggestKey } from './suggest-key.js';
import { showPath, showValue } from './show-value.js';

/** One thing that is wrong with a value from outside, and where in it. */
export interface Problem {
  path: PropertyKey[];
  /** What was found and what is allowed. */
  text: string;
}

/**
 * What zod has against a value, in words. The allowed part comes from the schema and not from zod's message, so that a
 * wrong type, an empty value and a number out of range all name the same rule.
 */
export function listProblems(
  schema: z.ZodType,
  value: unknown,
  error: z.ZodError,
  showFound: (value: unknown) => string = showValue,
): Problem[] {
  const root = describeSchema(schema);
  return error.issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...issue.path, key], text: describeUnknownKey(root, issue.path, key) }));
    }
    const node = findNode(root, issue.path);
    // A refinement that spans keys says itself what is allowed; nothing in the JSON schema does.
    const allowed = issue.code === 'custom' && node.allowed === undefined ? issue.message : describeAllowed(node);
    return [{ path: issue.path, text: `found ${showFound(pick(value, issue.path))}, allowed: ${allowed}` }];
  });
}

/** `agent.max_turns: found 0, allowed: …` */
export function formatProblem({ path, text }: Problem): string {
  return path.length === 0 ? text : `${showPath(path)}: ${text}`;
}

/** Several problems as the message of one error: a line each, and not more than a screen holds. */
export function joinProblems(lines: string[]): string {
  const rest = lines.length - MAX_LINES;
  return rest <= 0 ? lines.join('\n') : [...lines.slice(0, MAX_LINES), `… and ${rest} more`].join('\n');
}

const MAX_LINES = 50;

function describeUnknownKey(root: SchemaNode, path: readonly PropertyKey[], key: string): string {
  const known = Object.keys(findNode(root, path).properties ?? {});
  const suggestion = suggestKey(root, known, key);
  const hint = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`;
  return `found an unknown key${hint}, allowed: ${known.join(', ')}`;
}

function pick(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, step) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    return Reflect.get(at, step);
  }, value);
}
