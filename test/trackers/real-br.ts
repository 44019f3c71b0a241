import { execFileSync } from 'node:child_process';
import { describe, test } from 'vitest';

/** The real br: the one that GARLAND_TEST_BR names, else the one on PATH. */
const command = process.env['GARLAND_TEST_BR'] ?? 'br';

/** Tests that need br itself. Where there is none they are skipped, and say why. */
export function describeWithBr(name: string, define: (command: string) => void): void {
  if (isBr()) describe(name, () => define(command));
  else test.skip(`${name} (skipped: no br on PATH, and GARLAND_TEST_BR names none)`);
}

function isBr(): boolean {
  try {
    return execFileSync(command, ['version'], { encoding: 'utf8', stdio: 'pipe' }).startsWith('br version');
  } catch {
    return false;
  }
}
