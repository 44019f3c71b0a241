import { join } from 'node:path';
import { garlandDir } from '../files/user-dirs.js';
import type { Repository } from './repository.js';

/** Held while worktrees are registered and unregistered: git reads the entries of others while it makes one. */
export const worktreesLock = (repository: Repository): string =>
  join(garlandDir(repository.projectDir), 'locks', 'worktrees.lock');
