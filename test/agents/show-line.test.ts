import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { showOutputLine } from '../../src/agents/show-line.js';

function show(kind: string, name: string): string[] {
  const file = fileURLToPath(new URL(`../fixtures/agents/recorded/${kind}/${name}.jsonl`, import.meta.url));
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => showOutputLine(line) ?? []);
}

it('shows what the model says and does', () => {
  expect(show('claude', 'ok')).toEqual(['Bash echo hi', 'All done.']);
  expect([...new Set(show('codex', 'ok'))]).toEqual(["$ /bin/bash -lc 'echo hi'", 'All done.']);
  expect(show('claude', 'marker')).toEqual(['I looked. GARLAND: ALREADY_DONE it is there']);
});

it('shows other lines as they are, and none of which only the end is there', () => {
  expect(showOutputLine('  42 tests passed ')).toBe('42 tests passed');
  expect(showOutputLine('{"progress": 5}')).toBe('{"progress": 5}');
  expect(showOutputLine('{ not JSON')).toBe('{ not JSON');
  expect(showOutputLine('{"type":"assistant","mess')).toBeUndefined();
  expect(showOutputLine('{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Think"}]}}')).toBe(
    'Think',
  );
  expect(showOutputLine(' ')).toBeUndefined();
});
