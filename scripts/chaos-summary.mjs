import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- npm run chaos -- --write-docs writes from here … -->';
const END = '<!-- … to here -->';

/** For the terminal. */
export function formatSummary(seed, rounds) {
  const { injected, missed } = countFaults(rounds);
  const kinds = [...new Set([...injected.keys(), ...missed.keys()])].toSorted((one, other) => one.localeCompare(other));
  const width = Math.max(0, ...kinds.map(({ length }) => length));
  return [
    ...kinds.map((kind) => {
      const reasons = [...(missed.get(kind) ?? [])].map(([why, times]) => `${times}: ${why}`);
      const note = reasons.length === 0 ? '' : `  (not: ${reasons.join('; ')})`;
      return `${kind.padEnd(width)} ${String(injected.get(kind) ?? 0).padStart(5)}${note}`;
    }),
    ...rounds.flatMap(({ number, violations, kept }) =>
      violations.map((violation) => `round ${number}: ${violation}${kept ? ` (${kept})` : ''}`),
    ),
    totalLine(seed, rounds),
  ].join('\n');
}

/** Between its two marks in the page. */
export function writeTable(file, seed, rounds) {
  const page = readFileSync(file, 'utf8');
  const [before] = page.split(BEGIN);
  const [, after] = page.split(END);
  if (before === page || after === undefined) throw new Error(`${file}: the marks for the table are missing`);
  const { injected } = countFaults(rounds);
  const rows = [...injected].toSorted(([one], [other]) => one.localeCompare(other));
  const table = ['| fault | injected |', '| --- | ---: |', ...rows.map(([kind, count]) => `| ${kind} | ${count} |`)];
  writeFileSync(file, `${before}${BEGIN}\n\n${table.join('\n')}\n\n${totalLine(seed, rounds)}\n\n${END}${after}`);
}

function totalLine(seed, rounds) {
  const { injected } = countFaults(rounds);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const faults = sum([...injected.values()]);
  const violations = sum(rounds.map((round) => round.violations.length));
  const exact = sum(rounds.map((round) => round.exact));
  const issues = sum(rounds.map((round) => round.issues));
  const renewals = sum(rounds.map((round) => round.renewals));
  return `Seed ${seed}: ${rounds.length} rounds, ${issues} issues (of ${exact} no fault touched agent or workspace, so that their end was known beforehand), ${faults} faults, ${renewals} times continued as new, ${violations} violations.`;
}

function countFaults(rounds) {
  const injected = new Map();
  const missed = new Map();
  const add = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const round of rounds) {
    for (const kind of round.injected) add(injected, kind);
    for (const { kind, why } of round.missed) {
      if (!missed.has(kind)) missed.set(kind, new Map());
      add(missed.get(kind), why);
    }
  }
  return { injected, missed };
}
