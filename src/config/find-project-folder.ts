import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The project's folder, seen from a folder in it: the nearest one, upward, with a WORKFLOW.md or a `.beads`. The search ends
 * at the top of the git repository, because what lies above belongs to something else; without one, at the root.
 */
export async function findProjectFolder(start: string): Promise<string> {
  for (let dir = start; ; dir = dirname(dir)) {
    if ((await exists(join(dir, 'WORKFLOW.md'))) || (await exists(join(dir, '.beads')))) return dir;
    // A folder in the repository itself, a file in a worktree.
    if (await exists(join(dir, '.git'))) return dir;
    if (dir === dirname(dir)) return start;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
