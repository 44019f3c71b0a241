import { describe, expect, it } from 'vitest';
import { front, kinds, load, problemsOf } from './load-text.js';

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
    ['a tracker that we lack', 'tracker: {kind: linear}', `tracker.kind: found "linear", allowed: ${kinds('tracker')}`],
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
    [
      'a section without anything',
      'land:',
      'land: found no value, allowed: a map with any of strategy, into, remote, repository, endpoint, close_when',
    ],
    [
      'a section that is a list',
      'land: [merge]',
      'land: found ["merge"], allowed: a map with any of strategy, into, remote, repository, endpoint, close_when',
    ],
    [
      'a list of maps for a section',
      'land: [{into: a}]',
      'land: found a list of 1, allowed: a map with any of strategy, into, remote, repository, endpoint, close_when',
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
      `WORKFLOW.md:9: agent.kind: found "robot", allowed: ${kinds('agent')}`,
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
    await expect(load(front('run: 5'))).rejects.toMatchObject({ exitCode: 2 });
  });
});
