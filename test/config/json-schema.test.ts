import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeSchema, runInputJsonSchema, workflowJsonSchema } from '../../src/config/json-schema.js';
import { runInputSchema } from '../../src/config/run-input.js';
import { configSchema } from '../../src/config/schema.js';

const published = [
  ['workflow.schema.json', workflowJsonSchema()],
  ['run-input.schema.json', runInputJsonSchema()],
] as const;

describe.each(published)('%s', (name, schema) => {
  it('is what the schema says: run `node scripts/write-schema.mjs` after changing it', async () => {
    const file = new URL(`../../schema/${name}`, import.meta.url);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(schema);
  });

  it('is draft 2020-12, without an address of its own and without what only garland reads', () => {
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
    expect(JSON.stringify(schema)).not.toMatch(/"(\$id|id|allowed|environment|unused)":/);
  });

  it('describes every key', () => {
    const sections = [schema, ...Object.values(Object(schema['properties']))].map((part) => Object(part).properties);
    const keys = sections.flatMap((properties) => Object.entries(Object(properties)));
    expect(keys.length).toBeGreaterThan(10);
    const bare = keys.filter(
      ([, key]) => Object(key).description === undefined && Object(key).properties === undefined,
    );
    expect(bare.map(([key]) => key)).toEqual([]);
  });
});

it('has the same keys as the schemas that are enforced', () => {
  expect(Object.keys(Object(workflowJsonSchema()['properties']))).toEqual(Object.keys(configSchema.shape));
  expect(Object.keys(Object(runInputJsonSchema()['properties']))).toEqual(Object.keys(runInputSchema.shape));
  expect(Object.keys(describeSchema(configSchema).properties ?? {})).toEqual(Object.keys(configSchema.shape));
});

describe('an editor with the schema', () => {
  const editor = z.fromJSONSchema(workflowJsonSchema());
  it.each([
    [{ agent: { max_turns: '$TURNS', kind: '$KIND', max_concurrent_agents: '$ALL' }, git: { commit: '$C' } }, true],
    [{ hooks: { before_run: null, after_run: 'make' }, tracker: { active_states: 'a, b', types: ['$T'] } }, true],
    [{ codex: { model: 'x' } }, true],
    [{ agent: { max_turns: 'many' } }, false],
    [{ agent: { max_turn: 1 } }, false],
    [{ agent: { max_concurrent_agents: 0 } }, false],
    [{ git: { commit: 'yes' } }, false],
    [{ verify: { commands: 'make' } }, false],
  ])('thinks of %j: %s', (front, isFine) => {
    expect(editor.safeParse(front).success).toBe(isFine);
  });
});
