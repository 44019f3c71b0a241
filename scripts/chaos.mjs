#!/usr/bin/env node
// npm run chaos -- --seed N --rounds N [--only-round K] [--at-once N] [--faults KIND,KIND] [--bail] [--write-docs]
// Plays rounds of test/chaos: random backlogs, and faults at random moments, the same for the same seed. Ends with a table; exit status 1
// when a rule was violated.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatSummary, writeTable } from './chaos-summary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string', default: '20' },
    'only-round': { type: 'string' },
    /** Rounds mostly wait, but on a busy machine fewer at the same time are quicker. */
    'at-once': { type: 'string', default: '2' },
    /** Only these, as test/chaos/faults/index.ts has them. */
    faults: { type: 'string' },
    /** Ends with the first round that was violated. */
    bail: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'garland-chaos-'));
const report = join(folder, 'rounds.jsonl');

console.log(`seed ${values.seed}, ${values.rounds} rounds; what is kept of a violation lies in ${folder}`);
await play();
const rounds = readRounds();
console.log(formatSummary(values.seed, rounds));
if (values['write-docs']) writeTable(join(root, 'docs/reliability.md'), values.seed, rounds);
const asked = values['only-round'] === undefined ? Number(values.rounds) : 1;
const isGood = rounds.length === asked && rounds.every(({ violations }) => violations.length === 0);
if (isGood) rmSync(folder, { recursive: true });
process.exitCode = isGood ? 0 : 1;

function play() {
  const env = {
    ...process.env,
    GARLAND_CHAOS_SEED: values.seed,
    GARLAND_CHAOS_ROUNDS: values.rounds,
    GARLAND_CHAOS_KEEP: folder,
    GARLAND_CHAOS_REPORT: report,
    GARLAND_CHAOS_AT_ONCE: values['at-once'],
    ...(values.faults && { GARLAND_CHAOS_FAULTS: values.faults }),
    ...(values['only-round'] && { GARLAND_CHAOS_ONLY: values['only-round'] }),
  };
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--project', 'whole', ...(values.bail ? ['--bail', '1'] : []), 'test/chaos/chaos.test.ts'];
  const child = spawn(process.execPath, [vitest, ...args], { cwd: root, env, stdio: 'inherit' });
  return new Promise((resolve) => child.once('close', resolve));
}

function readRounds() {
  if (!existsSync(report)) return [];
  return readFileSync(report, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .toSorted((one, other) => one.number - other.number);
}
