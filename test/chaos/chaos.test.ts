import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawRound } from './draw-round.js';
import { FAULT_KINDS, type FaultKind } from './faults/index.js';
import { playRound } from './play-round.js';

/** What `npm run chaos` sets. */
const { GARLAND_CHAOS_SEED, GARLAND_CHAOS_ROUNDS, GARLAND_CHAOS_ONLY, GARLAND_CHAOS_KEEP, GARLAND_CHAOS_REPORT } =
  process.env;
const kinds = process.env['GARLAND_CHAOS_FAULTS']?.split(',').map(checkKind);

/** Without it: a few quick ones, always the same. */
const QUICK = [
  { seed: 53, number: 1 },
  { seed: 51, number: 2 },
  { seed: 19, number: 3 },
];

it.concurrent.each(GARLAND_CHAOS_SEED === undefined ? QUICK : listRounds(Number(GARLAND_CHAOS_SEED)))(
  'loses nothing in round $number of seed $seed',
  async ({ seed, number }) => {
    const round = drawRound(seed, number, kinds);
    const played = await playRound(round, GARLAND_CHAOS_KEEP);
    if (GARLAND_CHAOS_REPORT) {
      const { kind, smallDisk, issues } = round;
      const line = { seed, number, kind, smallDisk, issues: issues.length, planned: round.faults.length, ...played };
      appendFileSync(GARLAND_CHAOS_REPORT, `${JSON.stringify(line)}\n`);
    }
    const only = kinds === undefined ? '' : ` --faults '${kinds.join()}'`;
    const replay = `npm run chaos -- --seed ${seed} --rounds ${number} --only-round ${number}${only}`;
    const plan = round.faults.map((fault) => JSON.stringify(fault)).join('\n');
    expect(played.violations, `${replay}\nkept: ${played.kept}\n${plan}\n${played.story.join('\n')}`).toEqual([]);
  },
  1_200_000,
);

function listRounds(seed: number): { seed: number; number: number }[] {
  const only = GARLAND_CHAOS_ONLY === undefined ? undefined : Number(GARLAND_CHAOS_ONLY);
  return Array.from({ length: Number(GARLAND_CHAOS_ROUNDS ?? 1) }, (_, index) => ({ seed, number: index + 1 })).filter(
    ({ number }) => only === undefined || number === only,
  );
}

function checkKind(name: string): FaultKind {
  const kind = FAULT_KINDS.find((known) => known === name);
  if (kind === undefined) throw new Error(`no fault is called ${name}; there are ${FAULT_KINDS.join(', ')}`);
  return kind;
}
