import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toGrams, toOunces } from '../src/ounces.js';

test('a quarter pound is four ounces', () => {
  assert.equal(Math.round(toOunces(113.4)), 4);
  assert.equal(Math.round(toGrams(4)), 113);
});
