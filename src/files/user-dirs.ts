import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UserError } from '../errors.js';
import { hasCode } from '../processes/create-once.js';

/** Where the machine's user keeps things: what a test replaces. */
export interface UserEnvironment {
  env?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
  home?: string;
}

/** What garland must not lose for a user: the dev server's state. Not made here. */
export function stateDir(user?: UserEnvironment): string {
  return userDir('XDG_STATE_HOME', '.local/state', 'Library/Application Support', user);
}

/** What garland can fetch again: the Temporal CLI. Not made here. */
export function cacheDir(user?: UserEnvironment): string {
  return userDir('XDG_CACHE_HOME', '.cache', 'Library/Caches', user);
}

/** The XDG Base Directory specification: a relative path in a variable is to be ignored. */
function userDir(
  variable: string,
  elsewhere: string,
  onMac: string,
  { env = process.env, platform = process.platform, home = homedir() }: UserEnvironment = {},
): string {
  const configured = env[variable];
  if (configured && isAbsolute(configured)) return join(configured, 'garland');
  return join(home, platform === 'darwin' ? onMac : elsewhere, 'garland');
}

/**
 * The project's `.garland` folder, made when it isn't there, with a `.gitignore` by which it ignores itself.
 *
 * @throws UserError when the project's folder doesn't exist or can't be written to.
 */
export function garlandDir(projectDir: string): string {
  const folder = join(projectDir, '.garland');
  try {
    makeFolder(folder);
    ignoreItself(folder);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(`${folder}: could not be made (${error.message}); check the project's folder`);
  }
  return folder;
}

/** Not recursive: a project's folder that is missing is a mistake, not something to make. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/** Linked into place with its content: no crash leaves an empty one, which would ignore nothing. */
function ignoreItself(folder: string): void {
  const file = join(folder, '.gitignore');
  if (statSync(file, { throwIfNoEntry: false })) return;
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, '*\n');
    linkSync(temporary, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}
