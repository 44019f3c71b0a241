import fc from 'fast-check';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { renderScreen, type Screen } from '../../../src/cli/views/render-screen.js';
import { aSnapshot, anActiveIssue, startedAt } from './snapshot.js';

function aScreen(changes: Partial<Screen> = {}): Screen {
  return {
    snapshot: aSnapshot(),
    now: startedAt + 65_000,
    columns: 100,
    rows: 24,
    webUrl: 'http://127.0.0.1:8233/x',
    trouble: undefined,
    hint: 'Ctrl-C: drain',
    lastOutput: new Map(),
    colors: pc.createColors(false),
    ...changes,
  };
}

describe('the live screen', () => {
  test('tells project, elapsed time and counts in its first line', () => {
    const snapshot = aSnapshot({
      active: [anActiveIssue()],
      ready: ['k-2', 'k-3'],
      succeeded: ['k-4', 'k-5'],
      failed: ['k-6'],
      retries: [{ id: 'k-7', title: '', attempt: 2, dueAt: '', reason: '' }],
    });
    const [first] = renderScreen(aScreen({ snapshot }));
    expect(first).toMatch(/kitchen · running · 1:05 .*2 done {2}1 failed {2}1 active {2}1 again later {2}2 ready$/);
  });

  test('shows each agent with its attempt, phase, time and last line of output', () => {
    const active = [
      anActiveIssue({ attempt: 2 }),
      anActiveIssue({ id: 'k-2', phase: 'verifying', since: new Date(startedAt + 60_000).toISOString() }),
    ];
    const lastOutput = new Map([['k-1', 'peeling the 3rd one']]);
    const lines = renderScreen(aScreen({ snapshot: aSnapshot({ active }), lastOutput }));
    expect(lines[1]).toMatch(/^ k-1 +Peel the potatoes +#2 running +1:05 peeling the 3rd one$/);
    expect(lines[2]).toMatch(/^ k-2 +Peel the potatoes +#1 verifying +0:05/);
  });

  test('shows which kind of agent is at work, its turn, what the issue has used, and what the run has', () => {
    const usage = { inputTokens: 45_000, cachedInputTokens: 40_000, outputTokens: 400, usd: 1.2 };
    const active = [anActiveIssue({ turn: 3, phase: 'verifying', agent: { kind: 'claude' }, usage })];
    const [first, line] = renderScreen(aScreen({ snapshot: aSnapshot({ active, usage: { ...usage, usd: 0.004 } }) }));
    expect(first).toContain('kitchen · running · 1:05 · less than $0.01 · 45k tokens');
    expect(line).toMatch(/^ k-1 +Peel the potatoes +#1\.3 verifying +1:05 claude · \$1\.20 · 45k tokens$/);
  });

  test('ends with what the run waits for, the Web UI and what the keys do', () => {
    expect(renderScreen(aScreen()).slice(-3)).toEqual([
      ' Waits for 2 agents.',
      ' http://127.0.0.1:8233/x',
      ' Ctrl-C: drain',
    ]);
  });

  test('says what is wrong', () => {
    expect(renderScreen(aScreen({ trouble: 'the server is away' }))).toContain(' the server is away');
  });

  test('counts the agents that it has no room for', () => {
    const active = Array.from({ length: 30 }, (_, at) => anActiveIssue({ id: `k-${at}` }));
    const lines = renderScreen(aScreen({ rows: 10, snapshot: aSnapshot({ active }) }));
    expect(lines).toContain(' … and 26 more');
  });

  test('lets no escape sequence of a title or an agent through', () => {
    const active = [anActiveIssue({ title: 'a\u001B[2Jb\u202Ec' })];
    const lastOutput = new Map([['k-1', '\u001B]0;owned\u0007x\ry']]);
    const text = renderScreen(aScreen({ snapshot: aSnapshot({ active }), lastOutput })).join('');
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u001F\u202E]/);
  });

  test('never exceeds the terminal, whatever it is and whatever is shown', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('長い題名の課題', '👩‍🍳👩‍🍳👩‍🍳', 'é'.repeat(40)));
    const issue = fc.record({ id: text, title: text, attempt: fc.nat(200), out: text });
    fc.assert(
      fc.property(
        fc.array(issue, { maxLength: 12 }),
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 2, max: 40 }),
        fc.option(text, { nil: undefined }),
        (issues, columns, rows, trouble) => {
          const active = issues.map(({ id, title, attempt }) => anActiveIssue({ id, title, attempt }));
          const lastOutput = new Map(issues.map(({ id, out }) => [id, out]));
          const finished = issues.map(({ id, title }) => ({
            id,
            title,
            outcome: 'failed' as const,
            reason: title,
            attempts: 1,
          }));
          const snapshot = aSnapshot({ active, finished, waitingFor: issues[0]?.title ?? '' });
          const lines = renderScreen(aScreen({ snapshot, columns, rows, trouble, lastOutput }));
          expect(lines.length).toBeLessThan(rows);
          for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
