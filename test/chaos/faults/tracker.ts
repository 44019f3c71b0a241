import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../../../src/files/file-lock.js';
import { formatIssue, trackerLock } from '../../integration/harness/backlog.js';
import { waitFor } from '../../integration/harness/wait-for.js';
import type { Scene } from '../scene.js';
import type { Fault } from './fault.js';

const about = 'tracker';

export const trackerReadOnly: Fault = {
  description: "the tracker's folder can't be written to for up to 2 s",
  weight: 5,
  about,
  inject: async ({ project, repairs }, { length }) => {
    const writable = await makeReadOnly(join(project.dir, '.beads'));
    if (writable === undefined) return 'somebody writes there all the time';
    const repair = once(writable);
    repairs.push(repair);
    await sleep(length);
    await repair();
    return undefined;
  },
};

export const trackerAway: Fault = {
  description: "the tracker's folder is gone for up to 2 s",
  weight: 4,
  about,
  inject: async ({ project, repairs }, { length }) => {
    const folder = join(project.dir, '.beads');
    const away = join(project.dir, '.beads-away');
    const repair = once(() => renameSync(away, folder));
    renameSync(folder, away);
    repairs.push(repair);
    await sleep(length);
    await repair();
    return undefined;
  },
};

export const halfWritten: Fault = {
  description: 'an editor writes half of the tracker, and 300 ms later all of it, with an edit of its own',
  weight: 7,
  about,
  inject: async (scene, { pick }) => {
    const file = fileOf(scene);
    const before = readFileSync(file, 'utf8');
    const edited = editLine(scene, before, pick);
    // Within a line, so that it can't be taken for a whole file.
    const half = before.slice(0, before.lastIndexOf('"}', before.length * 0.75));
    const repair = once(() => writeFileSync(file, edited));
    writeFileSync(file, half);
    scene.repairs.push(repair);
    await sleep(300);
    await repair();
    return undefined;
  },
};

export const replaced: Fault = {
  description: 'an editor replaces the tracker by a file with an edit of its own',
  weight: 5,
  about,
  inject: async (scene, { pick }) => {
    replaceTracker(scene, pick);
    return undefined;
  },
};

export function replaceTracker(scene: Scene, pick: number): void {
  const file = fileOf(scene);
  const draft = join(scene.project.dir, '.beads-draft');
  const edited = editLine(scene, readFileSync(file, 'utf8'), pick);
  writeFileSync(draft, edited);
  renameSync(draft, file);
}

export const appended: Fault = {
  description: 'a person appends an issue to the tracker',
  weight: 5,
  about,
  inject: async (scene) => {
    const id = `hand-${scene.handEdits.length + 1}`;
    // An epic is nothing to be run.
    appendFileSync(fileOf(scene), `${formatIssue({ id, type: 'epic' })}\n`);
    scene.handEdits.push({ id, field: 'id' });
    return undefined;
  },
};

export const trackerLocked: Fault = {
  description: "the tracker's lock is held for up to 2 s: it answers late",
  weight: 5,
  about,
  inject: async ({ project }, { length }) => {
    await withFileLock(trackerLock(project.dir), () => sleep(length));
    return undefined;
  },
};

function fileOf({ project }: Scene): string {
  return join(project.dir, '.beads', 'issues.jsonl');
}

/** Gives one issue a field that garland knows nothing of. */
function editLine({ handEdits }: Scene, content: string, pick: number): string {
  const lines = content.trimEnd().split('\n');
  const at = Math.floor(pick * lines.length);
  const issue = JSON.parse(lines[at]!) as { id: string };
  const field = `by_hand_${handEdits.length + 1}`;
  handEdits.push({ id: issue.id, field });
  lines[at] = JSON.stringify({ ...issue, [field]: 'kept' });
  return `${lines.join('\n')}\n`;
}

/** For root, whom modes don't stop, by mounting the folder onto itself. Returns what makes it writable again; undefined: it can't be now. */
async function makeReadOnly(folder: string): Promise<(() => void | Promise<void>) | undefined> {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    chmodSync(folder, 0o555);
    return () => chmodSync(folder, 0o755);
  }
  execFileSync('mount', ['--bind', folder, folder]);
  const unmount = (): Promise<unknown> => waitFor('nobody reads there', () => runs('umount', folder));
  // Refused while somebody writes there.
  if (runs('mount', '-o', 'remount,ro,bind', folder)) return async () => void (await unmount());
  return unmount().then(() => undefined);
}

function runs(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

export function once(act: () => void | Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= (async () => act())());
}
