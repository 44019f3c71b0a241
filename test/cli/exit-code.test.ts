import { expect, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.js';
import { aResult } from './views/snapshot.js';

test.each([
  ['all that ran was accepted', aResult({ succeeded: ['a'] }), 0],
  ['nothing ran', aResult({ issuesSpawned: 0 }), 0],
  ['every issue was refused', aResult({ refused: ['a'] }), 0],
  ['an issue failed', aResult({ succeeded: ['a'], failed: ['b'] }), 1],
  ['the run broke', aResult({ outcome: 'failed', error: 'the workspace is gone' }), 1],
  ['polling failed', aResult({ outcome: 'failed', error: 'poll_failed: no such file' }), 3],
  ['it was aborted, whatever failed before', aResult({ outcome: 'aborted', failed: ['a'] }), 3],
])('%s', (_, result, code) => {
  expect(exitCodeOf(result)).toBe(code);
});
