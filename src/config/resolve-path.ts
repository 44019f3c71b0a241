import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.js';

/**
 * A path from WORKFLOW.md as an absolute one: `~` is the home folder, anything relative starts at the project's folder.
 * The one place where `workspace.root` and `tracker.path` are resolved.
 */
export function resolvePath(projectDir: string, value: string, home = homedir()): string {
  if (value === '~' || value.startsWith('~/')) return join(home, value.slice(1));
  if (/^~[A-Za-z0-9._-]*\//.test(value)) {
    // A shell would look up that user; a folder of the name `~alice` in the project is nobody's wish.
    throw new UserError(`path: found ${JSON.stringify(value)}, allowed: ~/… (your own home folder), or the whole path`);
  }
  return resolve(projectDir, value);
}
