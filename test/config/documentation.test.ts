import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { describeSchema, type SchemaNode } from '../../src/config/json-schema.js';
import { configSchema } from '../../src/config/schema.js';
import { front, load, problemsOf } from './load-text.js';

const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

/** `key` → the cells of its row. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w.]+)` *\|(.*)\|$/gm)].map(([, key, cells]) => [
    String(key),
    String(cells)
      .split('|')
      .map((cell) => cell.trim()),
  ]),
);

const settings: [string, SchemaNode][] = Object.entries(describeSchema(configSchema).properties ?? {}).flatMap(
  ([name, node]): [string, SchemaNode][] =>
    node.properties
      ? Object.entries(node.properties).map(([key, child]): [string, SchemaNode] => [`${name}.${key}`, child])
      : [[name, node]],
);

it('has a row for each setting, and for nothing else', () => {
  expect([...rows.keys()].toSorted()).toEqual(settings.map(([key]) => key).toSorted());
});

it.each(settings)('%s: the default is what the schema has', (key, node) => {
  const [meaning = '', , fallback = ''] = rows.get(key) ?? [];
  expect(meaning).not.toBe('');
  expect(fallback).toBe(showDefault(key, node));
});

function showDefault(key: string, { default: fallback }: SchemaNode): string {
  if (fallback === undefined) return DESCRIBED[key] ?? 'none';
  return `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``;
}

/** Defaults that depend on something and that the schema only tells in words. */
const DESCRIBED: Record<string, string> = {
  project: "the folder's name",
  'tracker.kind': '[what the project has](trackers.md)',
  'tracker.api_key': '`GITHUB_TOKEN`, else `GH_TOKEN`',
  'tracker.types': 'every type but `epic`',
  'tracker.active_states': '`open`',
  'tracker.terminal_states': '`closed`, `tombstone`',
  'agent.kind': '`shell` if there is a command, `codex` if there is a section `codex`',
  'claude.model': 'its own',
  'claude.effort': 'its own',
  'codex.model': 'its own',
  'codex.effort': 'its own',
  'codex.sandbox': '`danger-full-access`',
  'land.endpoint': 'that of github.com, or `tracker.endpoint` of the tracker `github`',
  'git.base': 'the branch checked out when the project first ran',
};

it.each(settings.filter(([, node]) => node.enum))('%s: every word that is allowed is named', (key, node) => {
  for (const word of node.enum ?? []) expect(rows.get(key)?.[1]).toContain(`\`${String(word)}\``);
});

it.each(settings.filter(([, node]) => node.unused))('%s: is said to be without effect', (key) => {
  expect(rows.get(key)?.[0]).toContain('Not used');
});

it('has an example that loads, and errors as they really are', async () => {
  const [, example = ''] = /```markdown\n(.*?)```/s.exec(page) ?? [];
  expect((await load(example)).config).toMatchObject({ project: 'shop', verify: { commands: { length: 2 } } });
  const [, errors = ''] = /```\n(WORKFLOW.*?)\n```/s.exec(page) ?? [];
  const wrong = front('#', '#', '#', '#', 'agent:', '  max_concurrent_agents: 0', 'verify:', '  comands: []');
  expect(await problemsOf(wrong)).toEqual(errors.split('\n'));
});
