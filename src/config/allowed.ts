import type { SchemaNode } from './json-schema.js';

/** What a schema allows, for a person: `a whole number from 1, or "unlimited"`. */
export function describeAllowed(node: SchemaNode): string {
  if (node.allowed !== undefined) return node.allowed;
  if (node.anyOf) {
    return node.anyOf
      .filter((option) => option.type !== 'null')
      .map(describeAllowed)
      .join(', or ');
  }
  if (node.enum) return joinWithOr(node.enum.map((value) => JSON.stringify(value)));
  if (node.const !== undefined) return JSON.stringify(node.const);
  switch (node.type) {
    case 'integer':
      return `a whole number${describeRange(node)}`;
    case 'number':
      return `a number${describeRange(node)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return "text that isn't empty";
    case 'array':
      return `a list, each entry ${describeAllowed(node.items ?? {})}`;
    case 'object':
      return node.properties ? `a map with any of ${Object.keys(node.properties).join(', ')}` : 'a map';
    case undefined:
    default:
      return 'anything';
  }
}

/** The part of a schema that a path leads to; an empty node where it says nothing. */
export function findNode(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode {
  return path.reduce<SchemaNode>((node, step) => findChild(node, step) ?? {}, root);
}

function findChild(node: SchemaNode, step: PropertyKey): SchemaNode | undefined {
  if (node.anyOf) return node.anyOf.map((option) => findChild(option, step)).find((child) => child !== undefined);
  if (typeof step === 'number') return node.items;
  const { properties, additionalProperties } = node;
  if (properties && Object.hasOwn(properties, step)) return properties[String(step)];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function describeRange({ minimum, maximum }: SchemaNode): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` from ${minimum}`;
  return maximum === undefined ? '' : ` up to ${maximum}`;
}

function joinWithOr(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
