import { findValues, type SchemaNode } from './json-schema.js';
import type { Problem } from './problems.js';

export interface ResolvedValues {
  value: unknown;
  /** Variables that are missing or empty; the value is undefined there. */
  problems: Problem[];
}

/**
 * Front matter with each value that is just `$NAME` replaced from the environment, and text turned into the number or
 * boolean that the schema wants. Whole numbers in quotes are turned, too: the Symphony specification allows them.
 * What the schema doesn't know, and what it marks with `environment: false`, stays as it is.
 */
export function resolveVariables(root: SchemaNode, front: unknown, env: NodeJS.ProcessEnv): ResolvedValues {
  const problems: Problem[] = [];

  const resolveText = (node: SchemaNode, text: string, path: PropertyKey[]): unknown => {
    const name = readVariable(text);
    if (name === undefined) return convertText(node, text, /^-?\d+$/);
    const set = env[name];
    if (set === undefined || set === '') {
      const state = set === undefined ? "isn't set" : 'is empty';
      const found = `found $${name}, which ${state} in the environment, allowed: a variable that is set, or the value itself`;
      problems.push({ path, text: found });
      return undefined;
    }
    return convertText(node, set, /^\s*(-?\d+(\.\d+)?|true|false)\s*$/);
  };

  const resolve = (node: SchemaNode, value: unknown, path: PropertyKey[]): unknown => {
    if (isRaw(node)) return value;
    if (typeof value === 'string') return resolveText(node, value, path);
    if (Array.isArray(value)) {
      const items = findItems(node);
      return items ? value.map((entry, index) => resolve(items, entry, [...path, index])) : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    // fromEntries defines keys rather than sets them, so a key `__proto__` stays a key.
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => {
        const child = findProperty(node, key);
        return [key, child ? resolve(child, entry, [...path, key]) : entry];
      }),
    );
  };

  return { value: resolve(root, front, []), problems };
}

/** The variable's name, where a text is just `$NAME`. */
export const readVariable = (text: string): string | undefined => /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1];

const isRaw = (node: SchemaNode): boolean =>
  node.environment === false || (node.anyOf ?? []).some((option) => option.environment === false);

/** A node that says nothing of its content (`tracker.provider`) is resolved at every depth. */
const isFree = (node: SchemaNode): boolean => node.type === undefined && !node.anyOf && !node.enum;

const findItems = (node: SchemaNode): SchemaNode | undefined =>
  isFree(node) ? {} : (node.items ?? node.anyOf?.find((option) => option.items)?.items);

function findProperty(node: SchemaNode, key: string): SchemaNode | undefined {
  if (isFree(node)) return {};
  if (node.properties && Object.hasOwn(node.properties, key)) return node.properties[key];
  return findValues(node);
}

function convertText(node: SchemaNode, text: string, convertible: RegExp): unknown {
  if (!convertible.test(text)) return text;
  const word = text.trim();
  const types = [node, ...(node.anyOf ?? [])].map(({ type }) => type);
  if (types.includes('boolean') && (word === 'true' || word === 'false')) return word === 'true';
  if (types.includes('number') && /^-?\d+(\.\d+)?$/.test(word)) return Number(word);
  return types.includes('integer') && /^-?\d+$/.test(word) ? Number(word) : text;
}
