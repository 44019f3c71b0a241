const gramsInOunce = 28.349523125;

export const toOunces = (grams) => grams / gramsInOunce;
export const toGrams = (ounces) => ounces * gramsInOunce;
