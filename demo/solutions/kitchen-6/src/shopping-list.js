import { scaleRecipe } from './scale.js';

/** What to buy for several recipes, each for so many guests; the same thing is listed once. */
export function makeShoppingList(recipes, guests) {
  const list = new Map();
  for (const { amount, unit, name } of recipes.flatMap((recipe) => scaleRecipe(recipe, guests).ingredients)) {
    const key = `${name} ${unit}`;
    list.set(key, { name, unit, amount: (list.get(key)?.amount ?? 0) + amount });
  }
  return [...list.values()];
}
