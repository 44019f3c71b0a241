import { readdir, readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { EXIT, UserError } from '../errors.js';
import type { WorktreeEntry } from './worktree-entry.js';

/** Where processes can't be looked at: how old a lock must be. In milliseconds. */
const STALE_MS = 60_000;
/** How long a git may go on that works there, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Takes away the locks that a git which was killed left in a worktree of garland's own.
 *
 * @throws UserError when a git process still works in that worktree
 */
export async function removeStaleLocks(folder: string, entry: WorktreeEntry, patienceMs = PATIENCE_MS): Promise<void> {
  for (const name of ['index.lock', 'HEAD.lock']) {
    const lock = join(entry.gitDir, name);
    const found = await stat(lock).catch(() => undefined);
    if (found === undefined) continue;
    if (!(await becomesStale(folder, found.mtimeMs, patienceMs))) {
      throw new UserError(
        `${lock}: a git process is at work in ${folder}; wait for it to end, or stop it`,
        EXIT.failed,
      );
    }
    await rm(lock, { force: true });
  }
}

/** Waits, because a git that a killed garland started goes on for a while. */
async function becomesStale(folder: string, madeAt: number, patienceMs: number): Promise<boolean> {
  const giveUp = performance.now() + patienceMs;
  while ((await isGitRunningIn(folder)) ?? Date.now() - madeAt < STALE_MS) {
    if (performance.now() > giveUp) return false;
    await sleep(100);
  }
  return true;
}

/** Git goes to its worktree's top before it does anything. Undefined when it can't be found out. */
async function isGitRunningIn(folder: string): Promise<boolean | undefined> {
  const top = await realpath(folder).catch(() => folder);
  const folders = process.platform === 'linux' ? await readLinuxFolders() : await readLsofFolders();
  return folders?.some((cwd) => cwd === top || cwd.startsWith(top + sep));
}

async function readLinuxFolders(): Promise<string[]> {
  const folders: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (!(await readFile(`/proc/${pid}/comm`, 'utf8')).startsWith('git')) continue;
      folders.push(await readlink(`/proc/${pid}/cwd`));
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
    }
  }
  return folders;
}

async function readLsofFolders(): Promise<string[] | undefined> {
  const { stdout, code } = await execa('lsof', ['-a', '-c', 'git', '-d', 'cwd', '-Fn'], { reject: false });
  if (code !== undefined) return undefined;
  return stdout.split('\n').flatMap((line) => (line.startsWith('n') ? [line.slice(1)] : []));
}
