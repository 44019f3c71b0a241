import { lstat, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Repository } from './repository.js';

/** What git keeps of a linked worktree: a folder in `worktrees` of the repository. */
export interface WorktreeEntry {
  gitDir: string;
}

/** The entry that leads to this folder, whether or not the folder is (still, already) there. */
export async function findWorktreeEntry(repository: Repository, folder: string): Promise<WorktreeEntry | undefined> {
  const wanted = await resolveFolder(folder);
  const entries = join(repository.commonDir, 'worktrees');
  // Git names the entry like the folder, unless that name was taken.
  const names = await readdir(entries).catch(() => []);
  const first = names.filter((name) => name === basename(folder));
  for (const name of [...first, ...names.filter((other) => other !== basename(folder))]) {
    const gitDir = join(entries, name);
    const link = await readText(join(gitDir, 'gitdir'));
    if (link !== undefined && (await resolveFolder(dirname(resolve(gitDir, link)))) === wanted) return { gitDir };
  }
  return undefined;
}

/** The branch that the worktree's HEAD names, also when that branch doesn't exist. */
export async function readHeadBranch(entry: WorktreeEntry): Promise<string | undefined> {
  const head = await readText(join(entry.gitDir, 'HEAD'));
  return /^ref: refs\/heads\/(.+)$/.exec(head ?? '')?.[1];
}

/** Puts the file `.git` back by which a folder knows that it is a worktree; agents have deleted it, or run `git init` over it. */
export async function restoreLink(folder: string, entry: WorktreeEntry): Promise<void> {
  const file = join(folder, '.git');
  const found = await lstat(file).catch(() => undefined);
  if (found?.isDirectory()) return;
  const link = `gitdir: ${entry.gitDir}`;
  if (found === undefined || (await readText(file)) !== link) await writeFile(file, `${link}\n`);
}

/** The folder's own name stays: it need not exist. */
async function resolveFolder(folder: string): Promise<string> {
  const parent = await realpath(dirname(folder)).catch(() => dirname(folder));
  return join(parent, basename(folder));
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').then(
    (text) => text.trimEnd(),
    () => undefined,
  );
}
