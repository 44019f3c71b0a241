import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { describeSchema } from '../../src/config/json-schema.js';
import { configSchema } from '../../src/config/schema.js';
import { loadWorkflowFile } from '../../src/config/workflow-file.js';
import { complaintOf, makeFolder } from './temporary-folder.js';

const sections = Object.entries(describeSchema(configSchema).properties ?? {});

const word = fc.oneof(
  fc.string(),
  fc.constantFrom('$HOME', '$NOT_SET_ANYWHERE', '__proto__', 'unlimited', 'true', '7'),
);
const value = fc.oneof(
  word,
  fc.jsonValue(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.array(word),
  fc.constant(null),
);

/** Front matter with the right keys and any values, and some keys that are wrong. */
const frontMatter = fc.record(
  Object.fromEntries(
    sections.map(([name, section]) => {
      const keys = fc.oneof(fc.constantFrom(...Object.keys(section.properties ?? { x: {} })), word);
      return [name, fc.oneof({ weight: 4, arbitrary: fc.dictionary(keys, value, { maxKeys: 4 }) }, value)];
    }),
  ),
  { requiredKeys: [] },
);

it.each([
  ['any settings', frontMatter.map((front) => `---\n${stringify(front)}---\n`)],
  [
    'any settings and prompt',
    fc.tuple(frontMatter, fc.string()).map(([front, text]) => `---\n${stringify(front)}---\n${text}`),
  ],
  ['any text as settings', fc.string({ unit: 'binary' }).map((yaml) => `---\n${yaml}\n---\n`)],
  [
    'bits of YAML',
    bitsOf([
      'a',
      ': ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '\n',
      '  ',
      '&x ',
      '*x',
      '"',
      "'",
      '|',
      '>',
      '!t ',
      '? ',
      '#',
      '%',
      '...',
      ',',
    ]),
  ],
  [
    'bits of Liquid',
    bitsOf([
      '{{',
      '}}',
      '{%',
      '%}',
      ' if ',
      ' for x in y ',
      ' endif ',
      'raw',
      '|',
      '"',
      '\n',
      '-',
      'a.b',
      ' case ',
      ':',
    ]),
  ],
])('is a configuration or a UserError that says where: %s', async (_, texts) => {
  const folder = await makeFolder();
  const file = join(folder, 'WORKFLOW.md');
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      await writeFile(file, text);
      const complaint = await complaintOf(async () => {
        const { config } = await loadWorkflowFile(file, { env: { HOME: '/home/x' } });
        // What was loaded is valid, complete, and doesn't change by being checked again.
        expect(configSchema.parse(config)).toEqual(config);
      });
      for (const line of complaint?.split('\n') ?? []) {
        const said = line.replace(file, 'WORKFLOW.md');
        expect(said).toMatch(/^(WORKFLOW\.md:\d+(:\d+)?: |WORKFLOW\.md: found bytes|… and )[^\p{Cc}]{1,600}$/u);
        const at = Number(/^WORKFLOW\.md:(\d+)/.exec(said)?.[1] ?? 1);
        expect(at).toBeLessThanOrEqual(text.split(/\r\n?|\n/).length);
      }
    }),
    { numRuns: 150 },
  );
});

function bitsOf(bits: string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...bits), { maxLength: 20 })
    .map((all) => `---\n${all.join('')}\n---\n${all.join('')}`);
}
