import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../processes/create-once.js';
import { progressSubject } from './progress.js';
import { ISSUE_BRANCHES, PROGRESS_REFS, readCommit, refOf } from './refs.js';
import type { Repository } from './repository.js';
import { readWorkspaceRecord } from './workspace-record.js';
import type { KeptWork } from './workspaces.js';

/** Everything that there is of issues, by records and refs: no worktree is looked into. */
export async function listKeptWork(repository: Repository, integration: string): Promise<KeptWork[]> {
  const found = new Map<string, KeptWork>();
  const add = (name: string, part: Partial<KeptWork>): void => {
    found.set(name, { ...found.get(name), ...part, name });
  };
  for (const [name, part] of await readRecords(repository.projectDir)) add(name, part);
  for (const [name, part] of await readRefs(repository, integration)) add(name, part);
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

type Parts = [name: string, part: Partial<KeptWork>][];

/** A record is written when a workspace is made, and touched whenever it is used. */
async function readRecords(projectDir: string): Promise<Parts> {
  const folder = join(projectDir, '.garland', 'workspace-records');
  const files = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  const parts: Parts = [];
  for (const file of files) {
    const name = /^([^.].*)\.json$/.exec(file)?.[1];
    if (name !== undefined) parts.push([name, await readPart(join(folder, file))]);
  }
  return parts;
}

async function readPart(file: string): Promise<Partial<KeptWork>> {
  try {
    const usedAt = (await stat(file)).mtime;
    const record = await readWorkspaceRecord(file);
    return record === undefined ? {} : { workspace: { folder: record.folder, usedAt } };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function readRefs(repository: Repository, integration: string): Promise<Parts> {
  const { git, projectDir } = repository;
  const branches = refOf(ISSUE_BRANCHES);
  const list = (...args: string[]): Promise<string> => git.run(projectDir, ['for-each-ref', ...args]);
  const target = await readCommit(repository, refOf(integration));
  const landed = target === undefined ? '' : await list('--format=%(refname)', `--merged=${target}`, branches);
  const isLanded = new Set(landed.split('\n'));
  const format = '--format=%(refname)%00%(objectname)%00%(committerdate:unix)%00%(worktreepath)%00%(contents:subject)';
  const lines = (await list(format, branches, PROGRESS_REFS)).split('\n').filter((line) => line !== '');
  return lines.flatMap((line): Parts => {
    const [ref = '', commit = '', seconds, path, subject] = line.split('\0');
    if (ref.startsWith(PROGRESS_REFS)) {
      const name = ref.slice(PROGRESS_REFS.length);
      const isOurs = subject === progressSubject(ISSUE_BRANCHES + name, repository.prefix);
      return isOurs ? [[name, { progress: { commit, keptAt: new Date(Number(seconds) * 1_000) } }]] : [];
    }
    const branch = {
      name: ref.slice('refs/heads/'.length),
      commit,
      landed: isLanded.has(ref),
      checkedOut: path !== '',
    };
    return [[ref.slice(branches.length), { branch }]];
  });
}
