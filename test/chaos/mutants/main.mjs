#!/usr/bin/env node
// node test/chaos/mutants/main.mjs [--seed N] [--rounds N] [--at-once N] [--only TEXT]: plays rounds on builds that are broken on purpose, each in a
// copy of the repository, and says which were noticed, and by what. Exit status 1 when one wasn't.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants } from './list.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '10' },
    'at-once': { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
});

for (const mutant of mutants.filter(({ name }) => name.includes(values.only))) {
  const copy = mkdtempSync(join(tmpdir(), 'garland-mutant-'));
  try {
    makeCopy(copy);
    for (const [file, from, to] of mutant.edits) edit(join(copy, file), from, to);
    const { noticed, total } = play(copy, mutant);
    console.log(`${noticed.length > 0 ? 'noticed    ' : 'NOT NOTICED'} ${mutant.name}`);
    for (const line of [...noticed.slice(0, 5), total]) console.log(`    ${line}`);
    if (noticed.length === 0) process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function makeCopy(copy) {
  const parts = ['src', 'workflows', 'activities', 'test', 'scripts', 'bin', 'package.json', 'package-lock.json'];
  for (const part of [...parts, 'tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts']) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

function edit(file, from, to) {
  const before = readFileSync(file, 'utf8');
  if (before.split(from).length !== 2) throw new Error(`${file}: not there, or more than once: ${from}`);
  writeFileSync(
    file,
    before.replace(from, () => to),
  );
}

/** The violations, as the summary tells them, and its last line. */
function play(copy, { faults }) {
  const options = ['seed', 'rounds', 'at-once'].flatMap((name) => [`--${name}`, values[name]]);
  const args = [join(copy, 'scripts/chaos.mjs'), ...options, '--bail', '--faults', faults];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const [, folder = ''] = /violation lies in (\S+)/.exec(stdout) ?? [];
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
  const lines = stdout.trimEnd().split('\n');
  if (/: 0 rounds/.test(lines.at(-1))) throw new Error(`no round was played to its end:\n${stdout}${stderr}`);
  return { noticed: lines.filter((line) => /^round \d+: /.test(line)), total: lines.at(-1) };
}
