import { z } from 'zod';
import { runInputSchema } from './run-input.js';
import { configSchema } from './schema.js';

/** A JSON schema (draft 2020-12) as plain data, with the metadata that only garland reads. */
export interface SchemaNode {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  anyOf?: SchemaNode[];
  items?: SchemaNode;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  additionalProperties?: SchemaNode | boolean;
  /** What an error says is allowed here, where the schema alone would read badly. */
  allowed?: string;
  /** False: `$NAME` stays as it is written. */
  environment?: boolean;
  /** True: accepted because Symphony's files have it, and not used. */
  unused?: boolean;
}

/** The JSON schema of WORKFLOW.md's front matter, for editors. */
export function workflowJsonSchema(): Record<string, unknown> {
  return {
    title: "garland: the front matter of a project's WORKFLOW.md",
    ...publish(allowVariables(describeSchema(configSchema))),
    $defs: { variable: { type: 'string', pattern: '^\\$[A-Za-z_][A-Za-z0-9_]*$' } },
  };
}

/** The JSON schema of the input of the workflow `coordinator`, for whatever client starts it. */
export function runInputJsonSchema(): Record<string, unknown> {
  return { title: "garland: the input of the workflow 'coordinator'", ...publish(describeSchema(runInputSchema)) };
}

/** What a schema accepts, as data: for messages, for `$NAME`, and for the published schemas. */
export function describeSchema(schema: z.ZodType): SchemaNode {
  const known = described.get(schema);
  if (known) return known;
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      // Every whole number is bounded by what a double holds exactly; saying so helps nobody.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const node: SchemaNode = JSON.parse(JSON.stringify(json));
  described.set(schema, node);
  return node;
}

/** What each value of a map has to be; undefined where the schema says nothing of it. */
export function findValues({ additionalProperties }: SchemaNode): SchemaNode | undefined {
  if (typeof additionalProperties !== 'object') return undefined;
  return Object.keys(additionalProperties).length > 0 ? additionalProperties : undefined;
}

const described = new WeakMap<z.ZodType, SchemaNode>();

/** Wherever text isn't accepted anyway, `$NAME` is: an editor would mark it as wrong without this. */
function allowVariables(node: SchemaNode): SchemaNode {
  if (node.environment === false || node.anyOf?.some((option) => option.environment === false)) return node;
  if (node.anyOf) return { ...node, anyOf: [...node.anyOf, VARIABLE] };
  if (node.properties) return { ...node, properties: mapValues(node.properties, allowVariables) };
  const values = findValues(node);
  if (values) return { ...node, additionalProperties: allowVariables(values) };
  if (node.items) return { ...node, items: allowVariables(node.items) };
  if (node.type === 'string' && !node.enum && !node.pattern) return node;
  if (node.type === undefined || node.type === 'object') return node;
  const { description, default: fallback, ...rest } = node;
  return { description, default: fallback, anyOf: [rest, VARIABLE] };
}

const VARIABLE: SchemaNode & { $ref: string } = { $ref: '#/$defs/variable' };

function publish(node: SchemaNode): Record<string, unknown> {
  const published: Record<string, unknown> = JSON.parse(
    JSON.stringify(node, (key, value: unknown) => (PRIVATE.has(key) ? undefined : value)),
  );
  return published;
}

// No key of a setting has one of these names; a test compares the published keys with the schema's.
const PRIVATE = new Set(['allowed', 'environment', 'unused']);

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
