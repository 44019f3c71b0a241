import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMinutes } from '../src/timer.js';

test('long times are told in hours', () => {
  assert.deepEqual([35, 95].map(formatMinutes), ['35 min', '1 h 35 min']);
});
