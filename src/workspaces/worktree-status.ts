import type { Repository } from './repository.js';

export interface WorktreeStatus {
  /** HEAD's commit; undefined on a branch without one. */
  commit?: string;
  /** The branch that HEAD is on; undefined when it is detached. */
  branch?: string;
  /** What differs from HEAD or isn't tracked, ignored files apart. Paths start at the worktree's top; one character a byte. */
  changes: Change[];
}

export interface Change {
  path: string;
  kind: 'changed' | 'unmerged' | 'untracked';
  /** In the index already. */
  staged: boolean;
}

/** Changes inside submodules don't count: they can't be committed from here. */
export async function readStatus({ git }: Repository, folder: string): Promise<WorktreeStatus> {
  const args = ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=all', '--ignore-submodules=dirty'];
  const output = await git.run(folder, [...args, '--no-renames'], { bytes: true });
  const status: WorktreeStatus = { changes: [] };
  for (const line of output.split('\0')) {
    const change = readChange(line);
    if (change) status.changes.push(change);
    else if (line.startsWith('# branch.oid ') && !line.endsWith('(initial)')) status.commit = line.slice(13);
    else if (line.startsWith('# branch.head ') && !line.endsWith('(detached)')) {
      status.branch = Buffer.from(line.slice(14), 'latin1').toString();
    }
  }
  return status;
}

/** See git-status(1): the path comes after 8 fields for a change, after 10 for an unmerged one. */
function readChange(line: string): Change | undefined {
  switch (line.charAt(0)) {
    case '1':
      return { path: after(line, 8), kind: 'changed', staged: line[2] !== '.' };
    case 'u':
      return { path: after(line, 10), kind: 'unmerged', staged: true };
    case '?':
      return { path: line.slice(2), kind: 'untracked', staged: false };
    default:
      return undefined;
  }
}

function after(line: string, fields: number): string {
  let at = 0;
  for (let field = 0; field < fields; field += 1) at = line.indexOf(' ', at) + 1;
  return line.slice(at);
}
