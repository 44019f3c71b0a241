import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.js';
import { loadWorkflowFile } from '../../src/config/workflow-file.js';
import { front, load, problemsOf } from './load-text.js';
import { makeFolder, messageOf } from './temporary-folder.js';

const DEFAULTS = configSchema.parse({});

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
    const loaded = await load(front('other: {command: codex app-server, model: [$HOME]}', 'server:', '  port: 0'));
    expect(loaded.config).toMatchObject({
      other: { command: 'codex app-server', model: ['$HOME'] },
      server: { port: 0 },
    });
    expect(loaded.warnings).toEqual([]);
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
        'other: {}',
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
