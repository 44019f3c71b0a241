/** `500 g flour` → { amount: 500, unit: 'g', name: 'flour' } */
export function parseIngredient(line) {
  const [amount, unit, ...name] = line.trim().split(/\s+/);
  return { amount: Number(amount), unit, name: name.join(' ') };
}
