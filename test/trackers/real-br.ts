import { execFileSync } from 'node:child_process';

/** The real br: the one that GARLAND_TEST_BR names, else the one on PATH. */
export const br = process.env['GARLAND_TEST_BR'] ?? 'br';

export const hasBr = isBr();

/** For the titles of tests that need it: they are skipped without, and say why. */
export const whyNoBr = hasBr ? '' : ' (skipped: no br on PATH, and GARLAND_TEST_BR names none)';

function isBr(): boolean {
  try {
    return execFileSync(br, ['version'], { encoding: 'utf8', stdio: 'pipe' }).startsWith('br version');
  } catch {
    return false;
  }
}
