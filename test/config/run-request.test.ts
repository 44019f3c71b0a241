import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyFlags, type RunFlags } from '../../src/config/flags.js';
import { type CompleteRunInput, runInputSchema } from '../../src/config/run-input.js';
import { describeDifferences, toRunInput } from '../../src/config/run-request.js';
import { configSchema } from '../../src/config/schema.js';
import { parseRunInput } from '../../src/config/validate-run-input.js';
import { messageOf } from './temporary-folder.js';

const PROJECT = { dir: '/work/shop', configFile: '/work/shop/WORKFLOW.md' };

const requestOf = (front: unknown, flags: RunFlags = {}, webUrl?: string): CompleteRunInput =>
  toRunInput(PROJECT, applyFlags(configSchema.parse(front), flags), flags, webUrl);

describe('what a run is asked to do', () => {
  it('by default: four agents, no limit to the issues', () => {
    expect(requestOf({})).toEqual({
      project_dir: '/work/shop',
      max_agents: 4,
      follows_file: true,
      only: [],
      order: 'epic',
      wip_first: false,
      orphans_only: false,
      retry_failed: false,
      watch: false,
    });
  });

  it('has no limit where the file or a flag says unlimited', () => {
    expect(requestOf({ agent: { max_concurrent_agents: 'unlimited' } })).not.toHaveProperty('max_agents');
    expect(requestOf({ run: { max_issues: 3 } }, { maxIssues: 'unlimited' })).not.toHaveProperty('max_issues');
    expect(requestOf({}, { maxIssues: '0' })).toHaveProperty('max_issues', 0);
  });

  it('carries what the flags say', () => {
    const flags = { maxAgents: '2', epic: 'e', only: 'b,a', order: 'input', wipFirst: true, orphansOnly: true };
    expect(requestOf({}, { ...flags, types: 'bug', agent: 'x', retryFailed: true }, 'http://web')).toEqual({
      project_dir: '/work/shop',
      max_agents: 2,
      epic: 'e',
      only: ['b', 'a'],
      order: 'input',
      wip_first: true,
      orphans_only: true,
      types: ['bug'],
      agent_command: 'x',
      retry_failed: true,
      watch: false,
      web_url: 'http://web',
    });
  });

  it('leaves to the file what is read afresh from there', () => {
    const input = requestOf({ tracker: { types: ['bug'] }, agent: { command: 'x' } });
    expect(input).not.toHaveProperty('types');
    expect(input).not.toHaveProperty('agent_command');
  });

  it('names the file only where it is not the usual one', () => {
    const config = configSchema.parse({});
    expect(toRunInput(PROJECT, config)).not.toHaveProperty('config_file');
    expect(toRunInput({ ...PROJECT, configFile: '/etc/night.md' }, config).config_file).toBe('/etc/night.md');
  });

  it('refuses the order input without ids, naming both', async () => {
    expect(await messageOf(() => requestOf({}, { order: 'input' }))).toBe(
      'order: found input without only, allowed: the ids as well (--only ID,ID or run.only), or another --order (run.order)',
    );
    expect(requestOf({ run: { only: ['a'] } }, { order: 'input' })).toMatchObject({ order: 'input', only: ['a'] });
  });

  it('is always something that the workflow accepts', () => {
    const ids = fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 4 });
    const flags = fc.record(
      {
        maxAgents: fc.oneof(fc.integer({ min: 1 }).map(String), fc.constant('unlimited')),
        maxIssues: fc.oneof(fc.nat().map(String), fc.constant('unlimited')),
        only: ids.map((list) => list.join(',')),
        order: fc.constantFrom('epic', 'priority', 'focus'),
        types: ids.map((list) => list.join(',')),
        retryFailed: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(flags, (given) => {
        const input = requestOf({}, given);
        expect(parseRunInput(JSON.parse(JSON.stringify(input)))).toEqual(input);
      }),
    );
  });
});

describe('how a run that is there differs from the wanted one', () => {
  const run = (input: object): CompleteRunInput => runInputSchema.parse({ project_dir: '/work/shop', ...input });

  it('is not at all when they are the same, wherever their events are shown', () => {
    expect(describeDifferences(run({ web_url: 'a' }), run({ web_url: 'b', order: 'epic' }))).toEqual([]);
  });

  it('is told option by option', () => {
    const existing = run({ max_agents: 4, only: ['a', 'b'], types: ['bug'], agent_command: 'x' });
    const wanted = run({
      max_issues: 3,
      epic: 'e',
      order: 'focus',
      wip_first: true,
      retry_failed: true,
      types: ['task'],
    });
    expect(describeDifferences(existing, wanted)).toEqual([
      '--max-agents: wanted unlimited, the run has 4',
      '--max-issues: wanted 3, the run has unlimited',
      '--epic: wanted e, the run has none',
      '--only: wanted none, the run has a,b',
      '--order: wanted focus, the run has epic',
      '--wip-first: wanted on, the run has off',
      '--types: wanted task, the run has bug',
      '--retry-failed: wanted on, the run has off',
      '--agent: wanted none, the run has x',
    ]);
  });

  it('is not the number of agents where both go by WORKFLOW.md, which may have been edited', () => {
    const [before, after] = [run({ max_agents: 4, follows_file: true }), run({ max_agents: 8, follows_file: true })];
    expect(describeDifferences(before, after)).toEqual([]);
    expect(describeDifferences(before, run({ max_agents: 4 }))).toEqual([
      '--max-agents: wanted 4, the run has as in WORKFLOW.md',
    ]);
  });

  it('covers every part of the input but what changes nothing that a person sees', () => {
    const other: CompleteRunInput = {
      project_dir: '/b',
      config_file: '/c',
      max_agents: 1,
      follows_file: true,
      max_issues: 1,
      epic: 'e',
      only: ['o'],
      order: 'focus',
      wip_first: true,
      orphans_only: true,
      types: ['t'],
      retry_failed: true,
      watch: true,
      agent_command: 'a',
      history_limit: 100,
      web_url: 'w',
    };
    expect(Object.keys(other).toSorted()).toEqual(Object.keys(runInputSchema.shape).toSorted());
    expect(describeDifferences(run({}), other)).toHaveLength(Object.keys(other).length - 3);
  });
});
