import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProjects, type Projects } from '../../activities/projects.js';

let dir: string;
let projects: Projects;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'garland-projects-'));
  mkdirSync(join(dir, '.beads'));
  writeFileSync(join(dir, '.beads/issues.jsonl'), '');
  projects = createProjects();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const writeWorkflow = (agent: string): void =>
  writeFileSync(join(dir, 'WORKFLOW.md'), `---\nagent: ${agent}\nworkspace: {kind: directory}\n---\n`);
const open = (change: { agentCommand?: string } = {}) => projects.open({ projectDir: dir, ...change });
const GOOD = "{command: 'true', max_attempts: 4}";

test('is the same for all as long as the file is, and another one after an edit', async () => {
  writeWorkflow(GOOD);
  const [one, other] = await Promise.all([open(), open()]);
  expect(one).toBe(other);
  expect(await open()).toBe(one);
  writeWorkflow("{command: 'true', max_attempts: 15}");
  expect((await open()).settings.maxAttempts).toBe(15);
});

test('an edit that is broken keeps the last good one and tells of it, until it is mended', async () => {
  writeWorkflow(GOOD);
  await open();
  const versions = new Set<string>();
  for (const broken of ['{command: 7}', '{command: true, max_attempts: many}', '{{']) {
    writeWorkflow(broken);
    const { settings, brokenEdit } = await open();
    expect(settings.maxAttempts).toBe(4);
    expect(brokenEdit?.message).toMatch(/WORKFLOW\.md:\d/);
    versions.add(brokenEdit?.version ?? '');
    expect((await open()).brokenEdit).toEqual(brokenEdit);
  }
  expect(versions.size).toBe(3);
  writeWorkflow("{command: 'true', max_attempts: 5}");
  const mended = await open();
  expect(mended.settings.maxAttempts).toBe(5);
  expect(mended.brokenEdit).toBeUndefined();
});

test('one that never was good is an error, and can be used once it is', async () => {
  writeWorkflow('{command: 7}');
  await expect(open()).rejects.toThrow(/WORKFLOW\.md:2.*agent\.command/s);
  writeWorkflow(GOOD);
  expect((await open()).brokenEdit).toBeUndefined();
});

test('with a command of its own a run has a project of its own', async () => {
  writeWorkflow(GOOD);
  const [usual, other] = await Promise.all([open(), open({ agentCommand: 'false' })]);
  expect(usual.config.agent.command).toBe('true');
  expect(other.config.agent.command).toBe('false');
});
