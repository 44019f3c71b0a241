import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyFlags, type RunFlags } from '../../src/config/flags.js';
import { configSchema } from '../../src/config/schema.js';
import { complaintOf, messageOf } from './temporary-folder.js';

const FROM_FILE = configSchema.parse({
  project: 'p',
  codex: { model: 'x' },
  tracker: { types: ['bug'] },
  agent: { max_concurrent_agents: 2, command: 'from-file', max_turns: 9, by_label: { hard: 'codex' } },
  run: { max_issues: 5, epic: 'bd-1', only: ['bd-2'], order: 'focus', wip_first: true, orphans_only: true },
});

describe('a flag beats the file', () => {
  it.each<[RunFlags, object]>([
    [{ maxAgents: '7' }, { agent: { max_concurrent_agents: 7, command: 'from-file' } }],
    [{ maxAgents: 'unlimited' }, { agent: { max_concurrent_agents: 'unlimited' } }],
    [{ maxIssues: '0' }, { run: { max_issues: 0, epic: 'bd-1' } }],
    [{ maxIssues: 'unlimited' }, { run: { max_issues: 'unlimited' } }],
    [{ epic: 'bd-9' }, { run: { epic: 'bd-9', only: ['bd-2'] } }],
    [{ only: 'c, a,b' }, { run: { only: ['c', 'a', 'b'] } }],
    [{ only: 'a,,b,' }, { run: { only: ['a', 'b'] } }],
    [{ order: 'priority' }, { run: { order: 'priority' } }],
    [{ wipFirst: false, orphansOnly: false }, { run: { wip_first: false, orphans_only: false } }],
    [{ types: 'task,chore' }, { tracker: { types: ['task', 'chore'] } }],
    [{ agent: 'my-agent --fast | tee log' }, { agent: { kind: 'shell', command: 'my-agent --fast | tee log' } }],
  ])('%j', (flags, expected) => {
    expect(applyFlags(FROM_FILE, flags)).toMatchObject(expected);
  });

  it('--agent is for every issue, whatever its labels', () => {
    expect(applyFlags(FROM_FILE, { agent: 'true' }).agent.by_label).toEqual({});
  });

  it('leaves everything else, and what it was given, as it was', () => {
    const before = structuredClone(FROM_FILE);
    expect(applyFlags(FROM_FILE, {})).toEqual(before);
    expect(applyFlags(FROM_FILE, { retryFailed: true })).toEqual(before);
    applyFlags(FROM_FILE, { maxAgents: '9', epic: 'x', types: 'y' });
    expect(FROM_FILE).toEqual(before);
  });
});

describe('a bad value names the flag', () => {
  it.each<[RunFlags, string]>([
    [{ maxAgents: '0' }, '--max-agents: found 0, allowed: a whole number from 1, or "unlimited"'],
    [{ maxAgents: '-3' }, '--max-agents: found -3, allowed: a whole number from 1, or "unlimited"'],
    [{ maxAgents: '2.5' }, '--max-agents: found "2.5", allowed: a whole number from 1, or "unlimited"'],
    [{ maxAgents: '1e3' }, '--max-agents: found "1e3", allowed: a whole number from 1, or "unlimited"'],
    [{ maxAgents: '' }, '--max-agents: found "", allowed: a whole number from 1, or "unlimited"'],
    [{ maxAgents: 'all' }, '--max-agents: found "all", allowed: a whole number from 1, or "unlimited"'],
    [{ maxAgents: '9'.repeat(30) }, '--max-agents: found 1e+30, allowed: a whole number from 1, or "unlimited"'],
    [{ maxIssues: '-1' }, '--max-issues: found -1, allowed: a whole number from 0, or "unlimited"'],
    [{ epic: '' }, '--epic: found "", allowed: text that isn\'t empty'],
    [{ only: '' }, '--only: found "", allowed: issue ids separated by commas'],
    [{ only: ' , ' }, '--only: found " , ", allowed: issue ids separated by commas'],
    [{ types: ',' }, '--types: found ",", allowed: issue types separated by commas'],
    [{ order: 'Epic' }, '--order: found "Epic", allowed: "epic", "priority", "focus" or "input"'],
    [{ agent: ' ' }, '--agent: found " ", allowed: a shell command'],
  ])('%j', async (flags, message) => {
    expect(await messageOf(() => applyFlags(FROM_FILE, flags))).toBe(message);
  });

  it('and each flag has a line', async () => {
    expect(await messageOf(() => applyFlags(FROM_FILE, { order: 'x', maxIssues: 'y', only: '' }))).toBe(
      [
        '--max-issues: found "y", allowed: a whole number from 0, or "unlimited"',
        '--only: found "", allowed: issue ids separated by commas',
        '--order: found "x", allowed: "epic", "priority", "focus" or "input"',
      ].join('\n'),
    );
  });

  it('and the exit code is that of usage', () => {
    expect(() => applyFlags(FROM_FILE, { maxAgents: '0' })).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

it('takes or refuses any text, and never breaks', async () => {
  const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
  const flags = fc.record({
    maxAgents: text,
    maxIssues: text,
    epic: text,
    only: text,
    order: text,
    types: text,
    agent: text,
  });
  await fc.assert(
    fc.asyncProperty(flags, async (given) => {
      const complaint = await complaintOf(() => configSchema.parse(applyFlags(FROM_FILE, given)));
      for (const line of complaint?.split('\n') ?? []) expect(line).toMatch(/^--[a-z-]+: found .*, allowed: ./);
    }),
  );
});
