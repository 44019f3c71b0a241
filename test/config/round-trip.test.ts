import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { resolveAgentKind } from '../../src/config/agent-kind.js';
import { describeSchema, findValues, type SchemaNode, workflowJsonSchema } from '../../src/config/json-schema.js';
import { configSchema } from '../../src/config/schema.js';
import { loadWorkflowFile } from '../../src/config/workflow-file.js';
import { makeFolder } from './temporary-folder.js';

it('loads every valid file just as the schema has it, and an editor finds nothing wrong with it', async () => {
  const folder = await makeFolder();
  const file = join(folder, 'WORKFLOW.md');
  const editor = z.fromJSONSchema(workflowJsonSchema());
  await fc.assert(
    fc.asyncProperty(valid(describeSchema(configSchema)), async (front) => {
      const expected = configSchema.parse(front);
      expected.agent.kind = resolveAgentKind(expected.agent, Object(front));
      await writeFile(file, `---\n${stringify(front)}---\n`);
      const { config } = await loadWorkflowFile(file);
      expect(config).toEqual(expected);
      await writeFile(file, `---\n${JSON.stringify(config)}\n---\n`);
      // What is complete has a section for codex.
      expected.agent.kind ??= 'codex';
      expect((await loadWorkflowFile(file)).config).toEqual(expected);
      expect(editor.safeParse(front).error).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});

/** Any value that a part of the schema accepts. */
function valid(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node.anyOf) return fc.oneof(...node.anyOf.map(valid));
  if (node.enum) return fc.constantFrom(...node.enum);
  if (node.const !== undefined) return fc.constant(node.const);
  switch (node.type) {
    case 'integer':
      return fc.integer({ min: node.minimum ?? 0, max: node.maximum ?? 1_000_000 });
    case 'number':
      // Cents: what is written in exponents isn't meant as an amount.
      return fc.integer({ min: node.minimum ?? 0, max: 1_000_000 }).map((cents) => cents / 100);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valid(node.items ?? {}), { maxLength: 3 });
    case 'string':
      return node.pattern === undefined ? text : fc.stringMatching(new RegExp(node.pattern)).filter(isPlain);
    case 'object':
      return node.properties
        ? fc.record(Object.fromEntries(Object.entries(node.properties).map(([key, child]) => [key, valid(child)])), {
            requiredKeys: node.required ?? [],
          })
        : fc.dictionary(text, valid(findValues(node) ?? {}));
    case undefined:
    default:
      return fc.option(fc.constantFrom({ token: 'x', list: [1, 'a'] }, 'plain', 5));
  }
}

/** Neither a number nor a variable, and no list with a variable in it: what was loaded is loaded once more. */
const isPlain = (value: string): boolean =>
  value.trim() !== '' && !/^-?\d+$/.test(value) && !/(^|,)\s*\$\w+\s*(,|$)/.test(value);
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter(isPlain);
