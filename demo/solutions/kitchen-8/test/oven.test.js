import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCelsius } from '../src/oven.js';

test('a hot oven of 392 °F has 200 °C', () => {
  assert.equal(toCelsius(392), 200);
});
