import { formatAmount } from './amount.js';

/** A recipe as text: its title, for how many, and a line for each ingredient. */
export function printRecipe({ title, guests, ingredients }) {
  const lines = ingredients.map(({ amount, unit, name }) => `- ${formatAmount(amount)} ${unit} ${name}`);
  return [`${title} (for ${guests})`, ...lines].join('\n');
}
