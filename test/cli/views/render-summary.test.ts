import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { renderSummary, type Summary } from '../../../src/cli/views/render-summary.js';
import { aResult } from './snapshot.js';

function summaryOf(changes: Partial<Summary> = {}): string {
  return renderSummary({
    result: aResult({ succeeded: ['k-1'] }),
    elapsed: 65_000,
    commits: undefined,
    checkedOut: 'main',
    webUrl: null,
    embedded: false,
    colors: pc.createColors(false),
    showPath: (path) => path.replace('/home/cook/', ''),
    ...changes,
  }).join('\n');
}

describe('the summary', () => {
  test('counts what became of the issues', () => {
    const result = aResult({
      succeeded: ['a', 'b'],
      failed: ['c'],
      aborted: ['d'],
      refused: ['e', 'f'],
      issuesSpawned: 4,
    });
    expect(summaryOf({ result })).toContain(
      'kitchen: run completed in 1:05 · 2 succeeded, 1 failed, 1 aborted, 2 not taken',
    );
  });

  test('says that nothing was started', () => {
    expect(summaryOf({ result: aResult({ issuesSpawned: 0 }) })).toContain('nothing was started');
  });

  test('names each failed issue with its reason and its workspace', () => {
    const failed = {
      id: 'k-2',
      title: 'Bake',
      outcome: 'failed' as const,
      reason: 'npm test: exit 1\nmore',
      attempts: 3,
      workspace: '/home/cook/w/k-2',
    };
    const text = summaryOf({ result: aResult({ failed: ['k-2', 'k-3'], finished: [failed] }) });
    expect(text).toContain('✖ k-2 Bake: failed after 3 attempts: npm test: exit 1 …');
    expect(text).toContain('its work is kept in w/k-2');
    expect(text).toContain('✖ failed: k-3');
    expect(text).toContain('garland run --retry-failed');
  });

  test('ends with the command that brings the work home', () => {
    const result = aResult({ succeeded: ['a'], integration: { branch: 'garland/integration', base: 'main' } });
    expect(summaryOf({ result, commits: 2 })).toMatch(
      /home +git merge garland\/integration {3}\(2 commits that main lacks\)/,
    );
    expect(summaryOf({ result, commits: 1, checkedOut: 'other' })).toContain(
      'git checkout main && git merge garland/integration   (1 commit that main lacks)',
    );
    expect(summaryOf({ result, commits: 0 })).not.toContain('git merge');
  });

  test('says where the Web UI is and how to end a server of its own', () => {
    const text = summaryOf({ webUrl: 'http://127.0.0.1:8233/r', embedded: true });
    expect(text).toContain('http://127.0.0.1:8233/r');
    expect(text).toContain('garland server stop');
    expect(summaryOf()).not.toContain('server stop');
  });

  test('tells why a run was aborted or broke', () => {
    const result = aResult({ outcome: 'aborted', abortReason: 'lunch', aborted: ['k-1'] });
    expect(summaryOf({ result })).toContain('aborted: lunch');
    expect(summaryOf({ result: aResult({ outcome: 'failed', error: 'poll_failed: x' }) })).toContain(
      'error: poll_failed: x',
    );
  });
});
