import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAmount } from '../src/amount.js';

test('amounts are written as a cook writes them', () => {
  assert.deepEqual([0.5, 1.25, 3].map(formatAmount), ['½', '1¼', '3']);
});
