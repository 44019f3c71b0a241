import { UserError } from '../errors.js';

/**
 * What to throw when writing to one of garland's own folders failed: a UserError when a person can mend it
 * (full disk, quota, no permission, a file in the way), else the error itself.
 */
export function explainUnwritable(
  error: unknown,
  folder: string,
  variable: 'XDG_STATE_HOME' | 'XDG_CACHE_HOME',
): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  if (reason === undefined) return error;
  return new UserError(`${folder}: cannot write there, ${reason}; mend that, or set ${variable} to another folder`);
}

const REASONS: Record<string, string | undefined> = {
  ENOSPC: 'no space is left on the disk (ENOSPC)',
  EDQUOT: 'the disk quota is used up (EDQUOT)',
  EACCES: 'permission denied (EACCES)',
  EPERM: 'permission denied (EPERM)',
  EROFS: 'the file system is read-only (EROFS)',
  ENOTDIR: 'a part of the path is a file (ENOTDIR)',
  EEXIST: 'a file is in the way (EEXIST)',
};
