import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toMillilitres } from '../src/cups.js';

test('two cups are nearly half a litre', () => {
  assert.equal(toMillilitres(2), 473);
});
