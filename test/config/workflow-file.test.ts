import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.js';
import { loadWorkflowFile, type WorkflowFile } from '../../src/config/workflow-file.js';
import { UserError } from '../../src/errors.js';
import { makeFolder, messageOf } from './temporary-folder.js';

const DEFAULTS = configSchema.parse({});

async function load(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Promise<WorkflowFile> {
  const folder = await makeFolder();
  await writeFile(join(folder, 'WORKFLOW.md'), text);
  return await loadWorkflowFile(join(folder, 'WORKFLOW.md'), { env });
}

/** The error's lines, from the file's name on. */
async function problemsOf(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const message = await messageOf(() => load(text, env));
  return message.split('\n').map((line) => line.replace(/^.*WORKFLOW\.md/, 'WORKFLOW.md'));
}

const front = (...lines: string[]): string => `---\n${lines.join('\n')}\n---\n`;

describe('what a file may look like', () => {
  it('is all defaults when it is missing', async () => {
    const folder = await makeFolder();
    const file = join(folder, 'WORKFLOW.md');
    expect(await loadWorkflowFile(file)).toEqual({
      config: DEFAULTS,
      promptTemplate: undefined,
      templateStartLine: 1,
      file,
      exists: false,
      warnings: [],
    });
  });

  it('is all prompt without front matter', async () => {
    const loaded = await load('\n\nDo {{ issue.title }}.\n\nWell.\n');
    expect(loaded).toMatchObject({ config: DEFAULTS, exists: true, templateStartLine: 3 });
    expect(loaded.promptTemplate).toBe('Do {{ issue.title }}.\n\nWell.');
  });

  it('has settings and a prompt, and tells where the prompt begins', async () => {
    const loaded = await load(`${front('project: p', 'run: {epic: bd-1}')}\n\n  Do it.\n\n---\nMore.\n`);
    expect(loaded.config).toEqual({ ...DEFAULTS, project: 'p', run: { ...DEFAULTS.run, epic: 'bd-1' } });
    expect(loaded.promptTemplate).toBe('Do it.\n\n---\nMore.');
    expect(loaded.templateStartLine).toBe(7);
  });

  it.each([
    ['no text at all', ''],
    ['empty front matter', '---\n---\n'],
    ['nothing but comments in the front matter', '---\n# later\n---\n\n  \n'],
    ['white space after the fences', '--- \n---\t\n'],
  ])('means the built-in prompt and the defaults: %s', async (_, text) => {
    expect(await load(text)).toMatchObject({ config: DEFAULTS, promptTemplate: undefined, exists: true });
  });

  it('may have a byte order mark and the line ends of Windows', async () => {
    const loaded = await load('\uFEFF---\r\nhooks:\r\n  before_run: |\r\n    a\r\n    b\r\n---\r\nDo\r\nit.\r\n');
    expect(loaded.config.hooks.before_run).toBe('a\nb');
    expect(loaded.promptTemplate).toBe('Do\nit.');
  });

  it('leaves alone what is not ours at the top', async () => {
    const loaded = await load(front('codex: {command: codex app-server, model: [$HOME]}', 'server:', '  port: 0'));
    expect(loaded.config).toMatchObject({
      codex: { command: 'codex app-server', model: ['$HOME'] },
      server: { port: 0 },
    });
    expect(loaded.warnings).toEqual([]);
  });
});

describe('what is wrong with a setting', () => {
  it.each([
    [
      'a number below its range',
      'agent: {max_concurrent_agents: 0}',
      'agent.max_concurrent_agents: found 0, allowed: a whole number from 1, or "unlimited"',
    ],
    [
      'a negative number',
      'run: {max_issues: -1}',
      'run.max_issues: found -1, allowed: a whole number from 0, or "unlimited"',
    ],
    [
      'a number above its range',
      'agent: {max_attempts: 101}',
      'agent.max_attempts: found 101, allowed: a whole number from 1 to 100',
    ],
    ['half a number', 'agent: {max_turns: 1.5}', 'agent.max_turns: found 1.5, allowed: a whole number from 1 to 1000'],
    ['not a number', 'agent: {max_turns: .nan}', 'agent.max_turns: found NaN, allowed: a whole number from 1 to 1000'],
    [
      'an endless number',
      'polling: {interval_ms: .inf}',
      'polling.interval_ms: found Infinity, allowed: a whole number from 1 to 2147483647',
    ],
    [
      'a number as YAML 1.1 had it',
      'polling: {interval_ms: 30_000}',
      'polling.interval_ms: found "30_000", allowed: a whole number from 1 to 2147483647',
    ],
    [
      'text for a number',
      'agent: {max_concurrent_agents: many}',
      'agent.max_concurrent_agents: found "many", allowed: a whole number from 1, or "unlimited"',
    ],
    ['yes for true', 'git: {commit: yes}', 'git.commit: found "yes", allowed: true or false'],
    [
      'a word that is not in the list',
      'workspace: {kind: clone}',
      'workspace.kind: found "clone", allowed: "worktree" or "directory"',
    ],
    [
      'a longer list of words',
      'run: {order: newest}',
      'run.order: found "newest", allowed: "epic", "priority", "focus" or "input"',
    ],
    ['a tracker that we lack', 'tracker: {kind: linear}', 'tracker.kind: found "linear", allowed: "beads-jsonl"'],
    ['empty text', 'land: {into: ""}', `land.into: found "", allowed: text that isn't empty`],
    ['a number for text', 'tracker: {path: 5}', `tracker.path: found 5, allowed: text that isn't empty`],
    ['a blank command', 'agent: {command: "  "}', 'agent.command: found "  ", allowed: a shell command'],
    [
      'a list for a hook',
      'hooks: {before_run: [a, b]}',
      'hooks.before_run: found ["a", "b"], allowed: a shell command',
    ],
    [
      'text for a list',
      'verify: {commands: make}',
      'verify.commands: found "make", allowed: a list, each entry a shell command',
    ],
    ['a number in a list', 'tracker: {types: [bug, 1]}', `tracker.types[1]: found 1, allowed: text that isn't empty`],
    ['a map in a list', 'tracker: {types: [{a: 1}]}', `tracker.types[0]: found a map, allowed: text that isn't empty`],
    [
      'a number among states',
      'tracker: {active_states: [open, 1]}',
      `tracker.active_states: found ["open", 1], allowed: a list, each entry text that isn't empty, or text separated by commas`,
    ],
    [
      'nothing but commas',
      'tracker: {active_states: " , "}',
      `tracker.active_states: found " , ", allowed: a list, each entry text that isn't empty, or text separated by commas`,
    ],
    [
      'a key without a value',
      'agent:\n  max_turns:',
      'agent.max_turns: found no value, allowed: a whole number from 1 to 1000',
    ],
    ['a section without anything', 'land:', 'land: found no value, allowed: a map with any of strategy, into'],
    ['a section that is a list', 'land: [merge]', 'land: found ["merge"], allowed: a map with any of strategy, into'],
    [
      'a list of maps for a section',
      'land: [{into: a}]',
      'land: found a list of 1, allowed: a map with any of strategy, into',
    ],
    [
      'a name with a space',
      'project: my app',
      'project: found "my app", allowed: letters, digits, dot, dash and underscore, a letter or digit first, at most 100',
    ],
    [
      'a number for a name',
      'project: 5',
      'project: found 5, allowed: letters, digits, dot, dash and underscore, a letter or digit first, at most 100',
    ],
    [
      'a misspelt key',
      'polling: {intervall_ms: 1}',
      'polling.intervall_ms: found an unknown key (did you mean interval_ms?), allowed: interval_ms, give_up_after_ms',
    ],
    [
      'a key of another section',
      'verify: {max_turns: 1}',
      'verify.max_turns: found an unknown key (did you mean agent.max_turns?), allowed: commands, timeout_ms',
    ],
    ['a key like nothing', 'verify: {colour: 1}', 'verify.colour: found an unknown key, allowed: commands, timeout_ms'],
    [
      'a key that steers a terminal',
      'verify: {"\\e[2J": 1}',
      String.raw`verify."\u001b[2J": found an unknown key, allowed: commands, timeout_ms`,
    ],
    ['a key that is no word', 'verify: {1: 1}', 'verify.1: found an unknown key, allowed: commands, timeout_ms'],
    [
      'the prototype',
      'verify: {__proto__: {commands: [make]}}',
      'verify.__proto__: found an unknown key, allowed: commands, timeout_ms',
    ],
  ])('%s', async (_, yaml, expected) => {
    const line = yaml.includes('\n') ? 3 : 2;
    expect(await problemsOf(front(yaml))).toEqual([`WORKFLOW.md:${line}: ${expected}`]);
  });

  it('names every problem on a line of its own, in the order of the file', async () => {
    const text = front(
      'tracker:',
      '  types:',
      '    - bug',
      '    - 3',
      'agent:',
      '  max_turn: 5',
      '  # a remark',
      '  kind: robot',
      '  env: [A,',
      '    5]',
      'tracker2: {}',
      'git: {commit: 1, commit: 2}',
    );
    expect(await problemsOf(`${text}\n\n{{ title | shout }}\n`)).toEqual([
      `WORKFLOW.md:5: tracker.types[1]: found 3, allowed: text that isn't empty`,
      expect.stringMatching(
        /^WORKFLOW\.md:7: agent\.max_turn: found an unknown key \(did you mean max_turns\?\), allowed: kind, /,
      ),
      'WORKFLOW.md:9: agent.kind: found "robot", allowed: "shell"',
      `WORKFLOW.md:11: agent.env[1]: found 5, allowed: text that isn't empty`,
      'WORKFLOW.md:13: git.commit: found this key a second time, allowed: once',
      'WORKFLOW.md:13: git.commit: found 2, allowed: true or false',
      'WORKFLOW.md:17: prompt: undefined filter: shout',
    ]);
  });

  it('shows long values shortened and counts what does not fit on a screen', async () => {
    const [long] = await problemsOf(front(`workspace: {kind: ${'x'.repeat(500)}}`));
    expect(long?.length).toBeLessThan(200);
    const many = await problemsOf(front(`verify: {${Array.from({ length: 60 }, (_, n) => `k${n}: 1`).join(', ')}}`));
    expect(many).toHaveLength(51);
    expect(many.at(-1)).toBe('… and 10 more');
  });

  it('is a usage error', async () => {
    await expect(load(front('run: 5'))).rejects.toSatisfy((error: UserError) => error.exitCode === 2);
  });
});

describe('what is wrong with the file', () => {
  it.each([
    [
      'an unclosed list',
      front('a: 1', 'b: [1, 2'),
      'WORKFLOW.md:3:9: broken YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['an unclosed quote', front('a: "b'), 'WORKFLOW.md:2:6: broken YAML: Missing closing "quote'],
    [
      'a tab for indentation',
      front('a:', '\tb: 1'),
      'WORKFLOW.md:3:1: broken YAML: Tabs are not allowed as indentation',
    ],
    [
      'bad indentation',
      front('a:', '  b: 1', ' c: 2'),
      'WORKFLOW.md:4:1: broken YAML: All mapping items must start at the same column',
    ],
    ['two documents', front('a: 1', '...', 'b: 2'), 'WORKFLOW.md:4:1: broken YAML: More than one document'],
    [
      'an alias to nothing',
      front('', 'a: *b'),
      'WORKFLOW.md:3: broken YAML: Unresolved alias (the anchor must be set before the alias): b',
    ],
    ['an alias to itself', front('a: &a [*a]'), 'WORKFLOW.md:2: broken YAML: an alias is part of what it refers to'],
    ['a list for a key', front('? [a, b]', ': 1'), 'WORKFLOW.md:2: found a list or a map as a key, allowed: a word'],
    [
      'the same section twice',
      front('git: {}', 'a: 1', 'git: {}'),
      'WORKFLOW.md:4: git: found this key a second time, allowed: once',
    ],
    [
      'the same key twice in a list of maps',
      front('a:', '  - x: 1', '    x: 2'),
      'WORKFLOW.md:4: a[0].x: found this key a second time, allowed: once',
    ],
    ['a list at the top', front('- a'), 'WORKFLOW.md:2: front matter: found a list, allowed: a map of keys'],
    ['a sentence at the top', front('hello'), 'WORKFLOW.md:2: front matter: found plain text, allowed: a map of keys'],
    [
      'no end of the front matter',
      '---\nproject: p\nDo it.\n',
      'WORKFLOW.md:1: found front matter without an end, allowed: a second line --- after it',
    ],
    [
      'nesting without an end',
      front(`a: ${'['.repeat(50_000)}`),
      'WORKFLOW.md:2: front matter: found nesting that is too deep, allowed: about 100 levels',
    ],
    [
      'nesting by dashes',
      front('- '.repeat(50_000)),
      'WORKFLOW.md:2: front matter: found nesting that is too deep, allowed: about 100 levels',
    ],
  ])('%s', async (_, text, expected) => {
    expect(await problemsOf(text)).toEqual([expected]);
  });

  it('refuses aliases that multiply', async () => {
    const lines = Array.from({ length: 30 }, (_, n) => `k${n}: &a${n} [${n === 0 ? 'x' : `*a${n - 1}, *a${n - 1}`}]`);
    expect(await problemsOf(front(...lines))).toEqual([
      expect.stringMatching(/^WORKFLOW\.md:2: broken YAML: Excessive alias count/),
    ]);
  });

  it('is not text', async () => {
    expect(await problemsOf(Buffer.from([0x2d, 0xff, 0xfe]))).toEqual([
      "WORKFLOW.md: found bytes that aren't UTF-8, allowed: UTF-8 text",
    ]);
  });

  it('is too large', async () => {
    expect(await problemsOf('x'.repeat(1_048_577))).toEqual([
      'WORKFLOW.md: found 1048577 bytes, allowed: up to 1048576',
    ]);
  });

  it('is a folder, or a pipe that nobody writes to', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'WORKFLOW.md'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await messageOf(() => loadWorkflowFile(join(folder, 'WORKFLOW.md')))).toMatch(
      /: found a folder, allowed: a file$/,
    );
    expect(await messageOf(() => loadWorkflowFile(join(folder, 'pipe')))).toMatch(
      /: found a device or pipe, allowed: a file$/,
    );
  });
});

describe('what is wrong with the prompt', () => {
  it.each([
    ['an unknown filter', '{{ issue.title | shout }}', 'undefined filter: shout'],
    ['an unknown tag', '{% when %}', 'tag "when" not found'],
    ['a tag that is not closed', '{% if a %}\nb', 'tag {% if a %} not closed'],
    ['an output that is not closed', '{{ issue.title', 'output "{{ issue.title" not closed'],
    ['an empty output', '{{ }}', 'invalid value expression: ""'],
  ])('%s', async (_, template, reason) => {
    expect(await problemsOf(`${front('a: 1')}\nHello\n${template}\n`)).toEqual([`WORKFLOW.md:6: prompt: ${reason}`]);
    expect(await problemsOf(template)).toEqual([`WORKFLOW.md:1: prompt: ${reason}`]);
  });

  it('is only found in the prompt, not in hooks', async () => {
    expect((await load(front(`hooks: {before_run: "echo {{ x | y }}"}`))).config.hooks.before_run).toBe(
      'echo {{ x | y }}',
    );
  });
});

describe('warnings', () => {
  it('tell of keys that look as if they had an effect', async () => {
    const { warnings } = await load(
      front(
        'traker: {}',
        'max_turns: 3',
        'agent:',
        '  max_concurrent_agents_by_state: {todo: 1}',
        'gate: {}',
        'codex: {}',
      ),
    );
    expect(warnings.map((line) => line.replace(/^.*WORKFLOW/, 'WORKFLOW'))).toEqual([
      "WORKFLOW.md:2: traker: not a key of garland's and left alone; did you mean tracker?",
      "WORKFLOW.md:3: max_turns: not a key of garland's and left alone; did you mean agent.max_turns?",
      "WORKFLOW.md:5: agent.max_concurrent_agents_by_state: is Symphony's; garland doesn't use it",
    ]);
  });

  it('tell of front matter that does not begin on the first line', async () => {
    const { warnings, config } = await load('\n---\nproject: p\n---\n');
    expect(config.project).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/:2: front matter counts only from the first line of the file; /)]);
  });
});
