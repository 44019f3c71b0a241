import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { front, load, problemsOf } from './load-text.js';

const propertiesSchema = z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) });
const schema = JSON.parse(
  await readFile(new URL('../../schema/workflow.schema.json', import.meta.url), 'utf8'),
) as unknown;

/** `section.key` of every duration that WORKFLOW.md may have, but for those that only Symphony reads. */
const durations = Object.entries(propertiesSchema.parse(schema).properties).flatMap(([section, described]) =>
  Object.entries(propertiesSchema.safeParse(described).data?.properties ?? {})
    .filter(([key, about]) => /_(ms|days)$/.test(key) && !JSON.stringify(about).includes('not used by garland'))
    .map(([key]) => `${section}.${key}`),
);
/** The Symphony specification gives 0 and less a meaning there. */
const belowZeroIsAllowed = new Set(['hooks.timeout_ms', 'codex.stall_timeout_ms']);

const write = (name: string, value: string): string => {
  const [section, key] = name.split('.');
  return front(`${section}: {${key}: ${value}}`);
};

it('finds the durations', () => {
  expect(durations).toContain('agent.timeout_ms');
  expect(durations).toContain('workspace.keep_days');
  expect(durations.length).toBeGreaterThan(10);
});

describe.each(durations)('%s', (name) => {
  it.each(['1e15', '10000000000000', '1.5', '.nan', '.inf', '1h', 'soon', '[1]', '{}', 'true'])(
    'is refused as %s, and told by its name',
    async (value) => {
      expect(await problemsOf(write(name, value))).toEqual([
        expect.stringMatching(new RegExp(`^WORKFLOW\\.md:2: ${name}: found .+, allowed: .*whole number`)),
      ]);
    },
  );

  it.skipIf(belowZeroIsAllowed.has(name))('is refused below zero', async () => {
    expect(await problemsOf(write(name, '-1'))).toEqual([
      expect.stringMatching(new RegExp(`^WORKFLOW\\.md:2: ${name}: found -1, allowed: .*whole number`)),
    ]);
  });

  it('is taken as 1000', async () => {
    await load(write(name, '1000'));
  });
});
