const fractions = new Map([
  [0.25, '¼'],
  [0.5, '½'],
  [0.75, '¾'],
]);

/** 1.5 → `1½` */
export function formatAmount(amount) {
  const whole = Math.floor(amount);
  const fraction = fractions.get(amount - whole);
  if (fraction === undefined) return String(amount);
  return whole === 0 ? fraction : `${whole}${fraction}`;
}
