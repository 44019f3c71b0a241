import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIngredient } from '../src/ingredient.js';

test('an ingredient has an amount, a unit and a name', () => {
  assert.deepEqual(parseIngredient('500 g rye flour'), { amount: 500, unit: 'g', name: 'rye flour' });
});
