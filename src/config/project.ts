import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { findProjectFolder } from './find-project-folder.js';
import { applyFlags, type RunFlags } from './flags.js';
import { readText } from './read-text.js';
import { PROJECT_NAME } from './schema.js';
import { loadWorkflowFile, showFile, type WorkflowFile } from './workflow-file.js';

/** One repository with one tracker, and how it is worked on. */
export interface Project extends Omit<WorkflowFile, 'file'> {
  /** `project` in WORKFLOW.md, else the folder's name, fitted to what a name may be. */
  name: string;
  /** Absolute, without symbolic links. */
  dir: string;
  /** Absolute; it may not exist (`exists`). */
  configFile: string;
}

export interface OpenProjectOptions {
  /** Where the command was started. */
  cwd: string;
  /** `--config`: relative to cwd. It has to exist. */
  configFile?: string;
  /** Flags that beat the file. */
  overrides?: RunFlags;
  /** For `$NAME`. Default: the process's own. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Finds and reads the project that a folder belongs to. A file given as `configFile` that is called WORKFLOW.md makes its
 * own folder the project's; any other one holds settings for the project that cwd belongs to. Throws a UserError for
 * whatever is wrong in the file or the flags.
 */
export async function openProject({ cwd, configFile, overrides = {}, env }: OpenProjectOptions): Promise<Project> {
  const { dir, path, given } = await locate(cwd, configFile);
  const { file, ...workflow } = await loadWorkflowFile(path, { env });
  if (given && !workflow.exists) {
    throw new UserError(`--config: found no file ${showFile(file)}, allowed: a WORKFLOW.md that exists`);
  }
  const config = applyFlags(workflow.config, overrides);
  const name = config.project ?? fitName(basename(dir));
  const warnings = [...workflow.warnings, ...warnOfFittedName(config.project, dir, name)];
  return { ...workflow, name, dir, configFile: file, config, warnings };
}

/** Which project that is, as far as a WORKFLOW.md tells it that can't be used: its line `project:` is looked for, whatever is around. */
export async function guessProject({ cwd, configFile }: OpenProjectOptions): Promise<{ name: string; dir: string }> {
  const { dir, path } = await locate(cwd, configFile);
  const text = await readText(path, showFile(path)).catch(() => undefined);
  const [, frontMatter = ''] = text?.split(/^---[ \t]*$/m) ?? [];
  const [, , written = ''] = /^project:[ \t]*(['"]?)([^\s'"#]+)\1[ \t]*(?:#.*)?$/m.exec(frontMatter) ?? [];
  return { name: PROJECT_NAME.test(written) ? written : fitName(basename(dir)), dir };
}

async function locate(cwd: string, configFile: string | undefined) {
  const start = await resolveFolder(cwd);
  const given = configFile === undefined ? undefined : await resolveGiven(start, configFile);
  const dir = await chooseFolder(start, given);
  return { dir, path: given ?? join(dir, 'WORKFLOW.md'), given: given !== undefined };
}

async function resolveFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    throw new UserError(`folder: found no folder ${showFile(resolve(folder))}, allowed: one that exists`);
  }
}

/** Without symbolic links on the way, but the file's own name kept: it tells whether the folder is the project's. */
async function resolveGiven(start: string, configFile: string): Promise<string> {
  const file = resolve(start, configFile);
  return await realpath(dirname(file)).then(
    (folder) => join(folder, basename(file)),
    () => file,
  );
}

async function chooseFolder(start: string, given: string | undefined): Promise<string> {
  if (given !== undefined && basename(given) === 'WORKFLOW.md') return dirname(given);
  return await findProjectFolder(start);
}

/** A folder's name as a project's name: what isn't allowed becomes a dash, and it begins with a letter or digit. */
export function fitName(folder: string): string {
  const fitted = folder
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 100);
  return PROJECT_NAME.test(fitted) ? fitted : 'project';
}

function warnOfFittedName(configured: string | undefined, dir: string, name: string): string[] {
  if (configured !== undefined || name === basename(dir)) return [];
  return [
    `project: the folder's name ${JSON.stringify(basename(dir))} can't be a project's name, so it is ${name}; set project in WORKFLOW.md for another`,
  ];
}
