import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type RealKind = 'claude' | 'codex';

/** The program as `npm run install:real-agents` installs it, or why it can't be run. */
export function findProgram(kind: RealKind): { path: string; missing?: string } {
  const path = fileURLToPath(new URL(`programs/node_modules/.bin/${kind}`, import.meta.url));
  if (!existsSync(path)) return { path, missing: 'not installed: npm run install:real-agents' };
  const { status, stderr, error } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  if (status === 0) return { path };
  return { path, missing: `can't be started here: ${error?.message ?? stderr.trim().split('\n').at(-1)}` };
}
