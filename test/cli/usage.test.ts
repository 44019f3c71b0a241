import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeProject, startGarland, type ProjectFiles } from './project-folder.js';

const cwd = process.cwd();

describe('the command line', () => {
  test('lists its commands', async () => {
    const { exitCode, stdout } = await startGarland(['--help'], { cwd });
    expect(exitCode).toBe(0);
    for (const name of ['run', 'start', 'worker', 'status', 'abort', 'drain', 'doctor', 'server']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
  });

  test('tells its version', async () => {
    expect((await startGarland(['--version'], { cwd })).stdout).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test.each([
    ['an unknown command', ['rnu'], /^garland: unknown command 'rnu' \(Did you mean run\?\)$/],
    [
      'an unknown flag',
      ['run', '--max-agent', '3'],
      /^garland: unknown option '--max-agent' \(Did you mean --max-agents\?\)$/,
    ],
    ['a flag without its value', ['run', '--epic'], /^garland: option '--epic <id>' argument missing$/],
    ['a word too many', ['status', 'now'], /^garland: too many arguments/],
    ["a name that can't be a project's", ['abort', '--project', 'a/b'], /^garland: .*--project.*Allowed: letters/],
  ])('answers %s in one line and with exit code 2', async (_, args, message) => {
    const { exitCode, stderr, stdout } = await startGarland(args, { cwd });
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  test('shows its help and exits with 2 when nothing is asked of it', async () => {
    const { exitCode, stderr } = await startGarland([], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Usage: garland');
  });
});

const agent = 'agent: { command: "true" }';
const epic = { id: 'e-1', issue_type: 'epic' };

describe('before anything is started', () => {
  test.each<[string, ProjectFiles, string[], RegExp]>([
    ['no agent is named anywhere', {}, [], /no WORKFLOW\.md .*--agent 'COMMAND'[^]*agent:\n {2}kind: claude/],
    ['WORKFLOW.md has no agent', { workflow: 'agent: {}' }, [], /neither agent\.kind nor agent\.command is set/],
    [
      'WORKFLOW.md has an unknown key',
      { workflow: 'agent: { comand: x }' },
      [],
      /WORKFLOW\.md:2: agent\.comand.*command/,
    ],
    ['a number is out of range', { workflow: agent }, ['--max-agents', '0'], /--max-agents: found "?0/],
    ['a number is none', { workflow: agent }, ['--max-issues', 'ten'], /--max-issues: found "ten"/],
    ['an order is unknown', { workflow: agent }, ['--order', 'random'], /--order: found "random".*epic/],
    ['order input has no ids', { workflow: agent }, ['--order', 'input'], /order: found input without only/],
    ['the epic is unknown', { workflow: agent, issues: [epic] }, ['--epic', 'e-2'], /--epic: no issue e-2.*mean e-1\?/],
    ['there is no repository', { workflow: agent, git: 'none' }, [], /not in a git repository.*git init/],
    ['there is no commit', { workflow: agent, git: 'empty' }, [], /no commit yet/],
    ['the agent is no program', {}, ['--agent', 'no-such-agent --fast'], /there is no program no-such-agent/],
    [
      'Claude Code is not installed',
      { workflow: 'agent: { kind: claude }\nclaude: { command: /no/such/claude }' },
      [],
      /claude\.command: the program isn't there\. Install Claude Code/,
    ],
    [
      'the agent of a label is not installed',
      { workflow: 'agent: { command: "true", by_label: { x: codex } }\ncodex: { command: no-such-codex app-server }' },
      [],
      /codex\.command: the program isn't there\. Install Codex/,
    ],
    [
      'a program is no such thing',
      { workflow: 'agent: { kind: amp }\namp: { command: "false" }' },
      [],
      /amp\.command: the program can't tell its version: exit 1\. Install Amp/,
    ],
    ['the configuration file is missing', {}, ['--config', 'OTHER.md'], /--config: found no file OTHER\.md/],
  ])('a run is refused when %s', async (_, files, args, message) => {
    const project = await makeProject(files);
    const { exitCode, stderr, stdout } = await project.garland('run', ...args);
    expect(stderr).toMatch(/^garland: /);
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(existsSync(join(project.dir, '.garland'))).toBe(false);
  });

  test('garland start checks the same', async () => {
    const project = await makeProject({ workflow: agent, issues: [epic] });
    const { exitCode, stderr } = await project.garland('start', '--epic', 'e-2');
    expect(stderr).toContain('--epic: no issue e-2');
    expect(exitCode).toBe(2);
  });

  test('a broken line of the tracker is named', async () => {
    const project = await makeProject({ workflow: agent, issues: [{ id: 'a' }] });
    await appendFile(join(project.dir, '.beads', 'issues.jsonl'), '{"id": "b",\n');
    const { exitCode, stderr } = await project.garland('run');
    expect(stderr).toMatch(/issues\.jsonl:2/);
    expect(exitCode).toBe(2);
  });
});

describe('--dry-run', () => {
  const issues = [
    epic,
    { id: 'low', priority: 3 },
    { id: 'waits', dependencies: [{ issue_id: 'waits', depends_on_id: 'low', type: 'blocks' }] },
    { id: 'urgent', priority: 0, title: 'Put it out \u001B[31m!' },
  ];

  test('shows what would start, in order, and starts nothing', async () => {
    const project = await makeProject({ workflow: agent, issues });
    const { exitCode, stdout } = await project.garland('run', '--dry-run', '--max-issues', '1');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `2 ready in ${project.name}, 4 agents at a time, in this order (nothing was started):`,
      'urgent  P0 task     Put it out !',
      '--- the limit of 1 issues ends here',
      'low     P3 task     Do low',
    ]);
    expect(existsSync(join(project.dir, '.garland'))).toBe(false);
  });

  test('asks for no program that --agent takes the place of', async () => {
    const workflow =
      'agent: { kind: claude, by_label: { x: codex } }\nclaude: { command: /no/claude }\ncodex: { command: /no/codex }';
    const project = await makeProject({ workflow, issues });
    const { exitCode, stderr } = await project.garland('run', '--dry-run', '--agent', 'true');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringContaining('command:') });
  });

  test('does the same as JSON', async () => {
    const project = await makeProject({ issues });
    const { stdout } = await project.garland('run', '--dry-run', '--json', '--agent', 'true');
    expect(JSON.parse(stdout)).toMatchObject({
      project: project.name,
      ready: [{ id: 'urgent', priority: 0, type: 'task' }, { id: 'low' }],
      maxAgents: 4,
      starts: 2,
    });
  });
});
