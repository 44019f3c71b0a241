/** The same recipe for another number of guests. */
export function scaleRecipe(recipe, guests) {
  const factor = guests / recipe.guests;
  const ingredients = recipe.ingredients.map((item) => ({ ...item, amount: item.amount * factor }));
  return { ...recipe, guests, ingredients };
}
