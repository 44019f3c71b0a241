import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printRecipe } from '../src/print.js';
import { scaleRecipe } from '../src/scale.js';

test('a scaled recipe is printed with its amounts', () => {
  const recipe = { title: 'Pancakes', guests: 4, ingredients: [{ amount: 1, unit: 'l', name: 'milk' }] };
  assert.equal(printRecipe(scaleRecipe(recipe, 2)), 'Pancakes (for 2)\n- ½ l milk');
});
