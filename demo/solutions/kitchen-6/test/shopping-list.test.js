import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIngredient } from '../src/ingredient.js';
import { makeShoppingList } from '../src/shopping-list.js';

test('the butter of two recipes is bought once', () => {
  const bread = { guests: 2, ingredients: [parseIngredient('50 g butter')] };
  const sauce = { guests: 4, ingredients: [parseIngredient('30 g butter')] };
  assert.deepEqual(makeShoppingList([bread, sauce], 4), [{ name: 'butter', unit: 'g', amount: 130 }]);
});
