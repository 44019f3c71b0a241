import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AgentReport } from '../../src/agents/agent.js';
import { createAmpAgent } from '../../src/agents/amp.js';
import { createClaudeAgent } from '../../src/agents/claude.js';
import { createCodexAgent } from '../../src/agents/codex.js';
import { ampSchema, claudeSchema, codexSchema } from '../../src/config/schema.js';

/** What the real programs wrote when a stub of their API answered: see test/real-agents. */
const recorded = (kind: string, name: string) =>
  fileURLToPath(new URL(`../fixtures/agents/recorded/${kind}/${name}`, import.meta.url));

const now = () => new Date('2026-11-25T08:00:00Z');
const prices = { 'claude-opus-5-5': { input: 4, cached_input: 0.2, output: 20 } };
const agents = {
  claude: createClaudeAgent({ kind: 'claude' }, claudeSchema.parse({ prices }), { now }),
  codex: createCodexAgent({ kind: 'codex' }, codexSchema.parse({}), { now }),
  amp: createAmpAgent({ kind: 'amp' }, ampSchema.parse({}), { now }),
};

async function read(kind: keyof typeof agents, name: string, exitCode: number | null): Promise<AgentReport> {
  const stdoutFile = recorded(kind, `${name}.jsonl`);
  expect(existsSync(stdoutFile), stdoutFile).toBe(true);
  return agents[kind].interpret({ stdoutFile, stderrFile: recorded(kind, `${name}.stderr`), exitCode });
}

const used = (requests: number) => ({
  inputTokens: 1_000 * requests,
  cachedInputTokens: 200 * requests,
  outputTokens: 50 * requests,
});
const session = '11111111-1111-4111-8111-111111111111';

const claude: [string, number | null, Partial<AgentReport>][] = [
  ['ok', 0, { outcome: 'succeeded', lastMessage: 'All done.', session, resumable: true }],
  ['ok', null, { outcome: 'succeeded' }],
  ['ok', 1, { outcome: 'failed', reason: 'exit 1 after its result' }],
  ['resumed', 0, { outcome: 'succeeded', lastMessage: 'Done again.', session, resumable: true }],
  ['marker', 0, { outcome: 'no_change', marker: { kind: 'ALREADY_DONE', reason: 'it is there' } }],
  ['killed', 137, { outcome: 'failed', reason: 'exit 137 (SIGKILL) without its result', resumable: true }],
  ['killed', 0, { outcome: 'failed', reason: 'exit 0 without its result' }],
  [
    'limited',
    1,
    {
      outcome: 'limited',
      reason: "You've hit your limit · resets 9:46am (Europe/London)",
      limitedUntil: '2026-11-25T09:46:40.000Z',
      resumable: true,
    },
  ],
  [
    'api-error',
    1,
    { outcome: 'failed', reason: 'API Error: 400 Something is wrong with the request', resumable: false },
  ],
  [
    'server-error',
    1,
    { outcome: 'failed', reason: expect.stringMatching(/^API Error: 500 Internal/), resumable: true },
  ],
  ['too-long', 1, { outcome: 'failed', reason: expect.stringMatching(/^Prompt is too long/), resumable: false }],
  [
    'unknown-model',
    1,
    { outcome: 'failed', reason: expect.stringMatching(/^There's an issue with the selected model/) },
  ],
  ['refused', 1, { outcome: 'failed', reason: expect.stringMatching(/safeguards flagged/), resumable: false }],
  ['budget', 1, { outcome: 'failed', reason: 'Reached maximum budget ($0.006)', resumable: true }],
  [
    'no-credit',
    1,
    { outcome: 'failed', unusable: true, reason: expect.stringMatching(/^claude can't work: Credit.*Log in/) },
  ],
  [
    'not-logged-in',
    1,
    { outcome: 'failed', unusable: true, reason: expect.stringMatching(/Not logged in.*\. Log in \(run claude/) },
  ],
  ['unknown-session', 1, { outcome: 'failed', sessionGone: true }],
  [
    'unknown-option',
    1,
    { outcome: 'failed', unusable: true, reason: expect.stringMatching(/unknown option '--bogus-option'.*Update it/) },
  ],
];

const codex: [string, number | null, Partial<AgentReport>][] = [
  ['ok', 0, { outcome: 'succeeded', lastMessage: 'All done.', resumable: true }],
  ['ok', 1, { outcome: 'failed', reason: 'exit 1 after its result' }],
  ['resumed', 0, { outcome: 'succeeded', lastMessage: 'Done again.' }],
  ['marker', 0, { outcome: 'no_change', marker: { kind: 'ALREADY_DONE', reason: 'it is there' } }],
  ['killed', 137, { outcome: 'failed', reason: 'exit 137 (SIGKILL) without its result', resumable: true }],
  [
    'limited',
    1,
    {
      outcome: 'limited',
      reason: expect.stringMatching(/^You’ve hit your usage limit/),
      // Told in the zone of the program: here the one of the tests.
      limitedUntil: new Date(new Date(2026, 10, 25, 9, 47)).toISOString(),
    },
  ],
  ['rate', 1, { outcome: 'limited', limitedUntil: '2026-11-25T08:05:00.000Z' }],
  ['quota', 1, { outcome: 'failed', unusable: true }],
  ['unauthorized', 1, { outcome: 'failed', unusable: true }],
  [
    'no-key',
    1,
    {
      outcome: 'failed',
      unusable: true,
      reason: expect.stringMatching(/Missing environment variable: `OPENAI_API_KEY`/),
    },
  ],
  ['api-error', 1, { outcome: 'failed', reason: 'Something is wrong with the request', resumable: false }],
  ['server-error', 1, { outcome: 'failed', reason: expect.stringMatching(/high demand/), resumable: true }],
  ['refused', 1, { outcome: 'failed', reason: expect.stringMatching(/content_filter/), resumable: false }],
  ['unknown-session', 1, { outcome: 'failed', sessionGone: true }],
  [
    'unknown-option',
    2,
    { outcome: 'failed', unusable: true, reason: expect.stringMatching(/unexpected argument '--bogus' found/) },
  ],
];

describe('what Claude Code wrote', () => {
  it.each(claude)('%s, exit %s', async (name, exitCode, expected) => {
    expect(await read('claude', name, exitCode)).toMatchObject(expected);
  });

  it('tells what was used', async () => {
    expect((await read('claude', 'ok', 0)).own).toEqual({ ...used(2), usd: 0.00848 });
    const resumed = await read('claude', 'resumed', 0);
    expect([resumed.own, resumed.counted]).toEqual([
      { ...used(2), usd: 0.00848 },
      { ...used(4), usd: 0.01696 },
    ]);
    // Its own count begins anew after a kill.
    expect((await read('claude', 'killed', 137)).own).toEqual({ ...used(2), usd: 0.00848 });
    expect((await read('claude', 'resumed-after-kill', 0)).counted).toMatchObject(used(2));
  });
});

describe('what Codex wrote', () => {
  it.each(codex)('%s, exit %s', async (name, exitCode, expected) => {
    expect(await read('codex', name, exitCode)).toMatchObject(expected);
  });

  it('tells what its thread has used', async () => {
    expect((await read('codex', 'ok', 0)).counted).toEqual({ ...used(2), usd: null });
    expect((await read('codex', 'resumed', 0)).counted).toEqual({ ...used(4), usd: null });
    expect((await read('codex', 'killed', 137)).counted).toBeUndefined();
  });
});

describe('what Amp wrote', () => {
  it.each([
    ['not-logged-in', { unusable: true, reason: expect.stringMatching(/Login failed.*AMP_API_KEY/) }],
    ['unknown-option', { unusable: true, reason: expect.stringMatching(/unknown option '--bogus'/) }],
    ['unreachable', { reason: expect.stringMatching(/Couldn't connect to the Amp server/) }],
  ])('%s', async (name, expected) => {
    expect(await read('amp', name, 1)).toMatchObject({ outcome: 'failed', ...expected });
  });
});

it('has something to say about each recording', () => {
  const names = (kind: string) =>
    readdirSync(recorded(kind, '.'))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => name.replace('.jsonl', ''));
  expect(names('claude').filter((name) => !claude.some(([each]) => each === name))).toEqual(['resumed-after-kill']);
  expect(names('codex').filter((name) => !codex.some(([each]) => each === name))).toEqual(['resumed-after-kill']);
});
