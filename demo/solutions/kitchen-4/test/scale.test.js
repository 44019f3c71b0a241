import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIngredient } from '../src/ingredient.js';
import { scaleRecipe } from '../src/scale.js';

test('six guests need three times what two need', () => {
  const recipe = { guests: 2, ingredients: [parseIngredient('200 g rice')] };
  assert.equal(scaleRecipe(recipe, 6).ingredients[0].amount, 600);
});
