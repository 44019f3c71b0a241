import * as fc from 'fast-check';

/** Draws that come out the same for the same seed. */
export interface Draw {
  /** Both ends included. */
  integer(min: number, max: number): number;
  /** True in so many of a hundred cases. */
  chance(percent: number): boolean;
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T;
  /** Keys, each as often as its number says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
}

export function drawWith<T>(seed: number, make: (draw: Draw) => T): T {
  const [drawn] = fc.sample(
    fc.gen().map((generate) => make(drawFrom((min, max) => generate(fc.integer, { min, max })))),
    { seed, numRuns: 1, unbiased: true },
  );
  return drawn as T;
}

function drawFrom(integer: (min: number, max: number) => number): Draw {
  return {
    integer,
    chance: (percent) => integer(1, 100) <= percent,
    pick: (items) => items[integer(0, items.length - 1)]!,
    weighted(weights) {
      const entries = Object.entries(weights) as [keyof typeof weights, number][];
      let left = integer(
        1,
        entries.reduce((sum, [, weight]) => sum + weight, 0),
      );
      for (const [key, weight] of entries) {
        left -= weight;
        if (left <= 0) return key;
      }
      throw new Error('unreachable: the weights add up');
    },
  };
}
