import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawRound } from './draw-round.js';
import { playRound } from './play-round.js';

/** What `npm run chaos` sets; without it, a few rounds that are always the same. */
const { GARLAND_CHAOS_SEED, GARLAND_CHAOS_ROUNDS, GARLAND_CHAOS_ONLY, GARLAND_CHAOS_KEEP, GARLAND_CHAOS_REPORT } =
  process.env;
const seed = Number(GARLAND_CHAOS_SEED ?? 33);
const count = Number(GARLAND_CHAOS_ROUNDS ?? 3);
const numbers = Array.from({ length: count }, (_, index) => index + 1).filter(
  (number) => GARLAND_CHAOS_ONLY === undefined || number === Number(GARLAND_CHAOS_ONLY),
);

it.concurrent.each(numbers)(
  'loses nothing in round %i',
  async (number) => {
    const round = drawRound(seed, number);
    const played = await playRound(round, GARLAND_CHAOS_KEEP);
    const { story, ...result } = played;
    if (GARLAND_CHAOS_REPORT) {
      const { kind, smallDisk, issues } = round;
      const line = { seed, number, kind, smallDisk, issues: issues.length, planned: round.faults.length, ...result };
      appendFileSync(GARLAND_CHAOS_REPORT, `${JSON.stringify(line)}\n`);
    }
    const replay = `npm run chaos -- --seed ${seed} --rounds ${number} --only-round ${number}`;
    const plan = round.faults.map((fault) => JSON.stringify(fault)).join('\n');
    expect(played.violations, `${replay}\nkept: ${played.kept}\n${plan}\n${story.join('\n')}`).toEqual([]);
  },
  400_000,
);
