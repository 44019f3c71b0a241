import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

export interface ProjectFolder {
  dir: string;
  /** The project's name: the folder's. */
  name: string;
  /** Runs the built garland in the folder; never throws for an exit code. */
  garland(...args: string[]): ReturnType<typeof startGarland>;
  /** The tracker's issues as they are now, by id. */
  issues(): Promise<Map<string, { status: string; labels?: string[] }>>;
  /** Makes the tracker's issues these, each claimed by this project's run `dead-run`, which is gone. */
  claim(...ids: string[]): Promise<void>;
}

export interface ProjectFiles {
  /** Issues of the tracker; what isn't said has its default. */
  issues?: ({ id: string } & Record<string, unknown>)[];
  /** Front matter of WORKFLOW.md; undefined: no such file. */
  workflow?: string;
  /** Leave out git, or the first commit. */
  git?: 'none' | 'empty';
}

/** A repository with a tracker, gone when the test has ended well. */
export async function makeProject({ issues = [], workflow, git }: ProjectFiles = {}): Promise<ProjectFolder> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'garland-cli-')));
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'pass') await rm(dir, { recursive: true, force: true });
  });
  const tracker = join(dir, '.beads', 'issues.jsonl');
  await mkdir(join(dir, '.beads'));
  await writeFile(tracker, issues.map((issue) => `${JSON.stringify(anIssue(issue))}\n`).join(''));
  if (workflow !== undefined) await writeFile(join(dir, 'WORKFLOW.md'), `---\n${workflow}\n---\n`);
  if (git !== 'none') await execa('git', ['init', '--quiet', '--initial-branch=main'], { cwd: dir });
  if (git === undefined) {
    await execa('git', ['config', 'user.name', 'test'], { cwd: dir });
    await execa('git', ['config', 'user.email', 'test@garland.invalid'], { cwd: dir });
    await execa('git', ['add', '--all'], { cwd: dir });
    await execa('git', ['commit', '--quiet', '--allow-empty', '--message', 'start'], { cwd: dir });
  }
  return {
    dir,
    name: basename(dir),
    garland: (...args) => startGarland(args, { cwd: dir }),
    async issues() {
      const lines = (await readFile(tracker, 'utf8')).trim().split('\n');
      return new Map(lines.map((line) => JSON.parse(line)).map((issue) => [issue.id, issue]));
    },
    async claim(...ids) {
      const name = `garland/${basename(dir)}`;
      const garland_claim = { key: 'dead-run', name, at: '2026-01-02T03:04:05Z' };
      const claimed = { status: 'in_progress', assignee: name, garland_claim };
      await writeFile(tracker, ids.map((id) => `${JSON.stringify(anIssue({ id, ...claimed }))}\n`).join(''));
    },
  };
}

const program = fileURLToPath(new URL('../../bin/garland.js', import.meta.url));

export function startGarland(args: string[], { cwd, env }: { cwd: string; env?: Record<string, string> }) {
  return execa(process.execPath, [program, ...args], { cwd, env, reject: false, stdin: 'ignore' });
}

/** Waits until the program has written so many lines that hold the text. Rejects when it ends before. */
export async function untilWritten(
  run: ReturnType<typeof startGarland>,
  from: 'stdout' | 'stderr',
  text: string,
  count = 1,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let written = '';
    const fail = (): void => reject(new Error(`it ended without "${text}" on ${from}, but:\n${written}`));
    run.once('exit', fail);
    run[from].on('data', (data: Buffer) => {
      written += data.toString();
      if (written.split('\n').filter((line) => line.includes(text)).length < count) return;
      run.off('exit', fail);
      resolve();
    });
  });
}

function anIssue({ id, ...fields }: { id: string } & Record<string, unknown>) {
  const created_at = '2026-01-02T03:04:05Z';
  return {
    id,
    title: `Do ${id}`,
    status: 'open',
    priority: 2,
    issue_type: 'task',
    created_at,
    updated_at: created_at,
    ...fields,
  };
}
