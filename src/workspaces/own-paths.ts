import { posix } from 'node:path';

/**
 * The tracker's own paths in a repository, from its top: what an agent changes there in its workspace is neither
 * committed nor landed. Its copies in the working tree are left alone, because issues are read from them later.
 */
export interface OwnPaths {
  /** Empty: the tracker keeps nothing in the repository. */
  readonly paths: readonly string[];
  /** Whether a path (one character a byte, as git prints it) is one of them, or lies in one. */
  has(path: string): boolean;
  /** Pathspecs for these paths alone. */
  readonly only: readonly string[];
  /** Pathspecs for everything else. */
  readonly others: readonly string[];
}

/** `paths` are relative to the project's folder, which lies at `prefix` in the repository. Those outside don't concern git. */
export function createOwnPaths(paths: readonly string[], prefix: string): OwnPaths {
  const clean = paths
    .map((path) => posix.join(prefix, path).replace(/\/+$/, ''))
    .filter((path) => path !== '.' && path !== '..' && !path.startsWith('../') && !posix.isAbsolute(path));
  const asBytes = clean.map((path) => Buffer.from(path).toString('latin1'));
  return {
    paths: clean,
    has: (path) => asBytes.some((own) => path === own || path.replace(/\/$/, '') === own || path.startsWith(`${own}/`)),
    only: clean.map((path) => `:(top,literal)${path}`),
    others: [':/', ...clean.map((path) => `:(top,exclude,literal)${path}`)],
  };
}
