import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runInputSchema } from '../../src/config/run-input.js';
import { parseRunInput } from '../../src/config/validate-run-input.js';
import { complaintOf, messageOf } from './temporary-folder.js';

const KEYS = Object.keys(runInputSchema.shape).join(', ');

it('is complete with a project folder alone', () => {
  expect(parseRunInput({ project_dir: '/p' })).toEqual({
    project_dir: '/p',
    only: [],
    order: 'epic',
    wip_first: false,
    orphans_only: false,
    retry_failed: false,
    watch: false,
  });
});

describe('a client may send anything', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, `run input: found nothing, allowed: a map with any of ${KEYS}`],
    ['null', null, `run input: found null, allowed: a map with any of ${KEYS}`],
    [
      'text',
      '{"project_dir": "/p"}',
      String.raw`run input: found "{\"project_dir\": \"/p\"}", allowed: a map with any of ${KEYS}`,
    ],
    ['a list', [{ project_dir: '/p' }], `run input: found a list of 1, allowed: a map with any of ${KEYS}`],
    ['no project', {}, 'run input: project_dir: found nothing, allowed: an absolute path'],
    ['a relative project', { project_dir: 'shop' }, 'run input: project_dir: found "shop", allowed: an absolute path'],
    ['a number for the project', { project_dir: 5 }, 'run input: project_dir: found 5, allowed: an absolute path'],
    [
      'a relative file',
      { project_dir: '/p', config_file: 'W.md' },
      'run input: config_file: found "W.md", allowed: an absolute path',
    ],
    [
      'no agents',
      { project_dir: '/p', max_agents: 0 },
      'run input: max_agents: found 0, allowed: a whole number from 1',
    ],
    [
      'the word unlimited',
      { project_dir: '/p', max_agents: 'unlimited' },
      'run input: max_agents: found "unlimited", allowed: a whole number from 1',
    ],
    [
      'null for a limit',
      { project_dir: '/p', max_issues: null },
      'run input: max_issues: found null, allowed: a whole number from 0',
    ],
    [
      'text for ids',
      { project_dir: '/p', only: 'a,b' },
      `run input: only: found "a,b", allowed: a list, each entry text that isn't empty`,
    ],
    [
      'an empty id',
      { project_dir: '/p', only: ['a', ''] },
      `run input: only[1]: found "", allowed: text that isn't empty`,
    ],
    [
      'an unknown order',
      { project_dir: '/p', order: 'x' },
      'run input: order: found "x", allowed: "epic", "priority", "focus" or "input"',
    ],
    [
      'the order of nothing',
      { project_dir: '/p', order: 'input' },
      'run input: order: found "input", allowed: another order, or ids in only',
    ],
    [
      'text for a switch',
      { project_dir: '/p', wip_first: 'true' },
      'run input: wip_first: found "true", allowed: true or false',
    ],
    [
      'a misspelt key',
      { project_dir: '/p', maxAgents: 3 },
      `run input: maxAgents: found an unknown key (did you mean max_agents?), allowed: ${KEYS}`,
    ],
    ['an unknown key', { project_dir: '/p', zebra: 3 }, `run input: zebra: found an unknown key, allowed: ${KEYS}`],
  ])('%s', async (_, value, message) => {
    expect(await messageOf(() => parseRunInput(value))).toBe(message);
  });

  it('with several mistakes at a time, a line each', async () => {
    expect(await messageOf(() => parseRunInput({ project_dir: 'p', max_agents: -1 }))).toBe(
      'run input: project_dir: found "p", allowed: an absolute path\nrun input: max_agents: found -1, allowed: a whole number from 1',
    );
  });

  it('and gets a run or a UserError of short lines', async () => {
    const odd = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
    });
    const nearly = fc.record(Object.fromEntries(Object.keys(runInputSchema.shape).map((key) => [key, odd])), {
      requiredKeys: [],
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(odd, nearly), async (value) => {
        const complaint = await complaintOf(() => runInputSchema.parse(parseRunInput(value)));
        for (const line of complaint?.split('\n') ?? []) expect(line).toMatch(/^(run input: |… and)[^\p{Cc}]{1,600}$/u);
      }),
      { numRuns: 500 },
    );
  });
});
