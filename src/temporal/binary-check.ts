import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { execa } from 'execa';

export type BinaryCheck = { kind: 'missing' } | { kind: 'broken'; reason: string } | { kind: 'usable'; server: string };

/**
 * Runs `--version`, which answers in a tenth of a second: the only proof that a file is a whole program for this machine.
 * `server` is the version of the Temporal server inside, as `1.29.1`.
 */
export async function checkTemporalBinary(file: string): Promise<BinaryCheck> {
  try {
    if (!(await stat(file)).isFile()) return { kind: 'broken', reason: 'is not a file' };
  } catch {
    return { kind: 'missing' };
  }
  try {
    await access(file, constants.X_OK);
  } catch {
    return { kind: 'broken', reason: 'is not executable' };
  }
  const result = await execa(file, ['--version'], { reject: false, stdin: 'ignore', timeout: VERSION_TIMEOUT_MS });
  const server = /^temporal version .*\(server (\d+\.\d+\.\d+)/i.exec(result.stdout)?.[1];
  if (result.exitCode === 0 && server !== undefined) return { kind: 'usable', server };
  return { kind: 'broken', reason: 'does not answer --version as a Temporal CLI does' };
}

const VERSION_TIMEOUT_MS = 30_000;
