const millilitresInCup = 236.588;

export const toMillilitres = (cups) => Math.round(cups * millilitresInCup);
