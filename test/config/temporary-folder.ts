import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { UserError } from '../../src/errors.js';

/** A folder with the given files in it, gone when the test has ended. A path that ends in `/` is a folder. */
export async function makeFolder(files: Record<string, string> = {}): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'garland-config-')));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(path.endsWith('/') ? file : dirname(file), { recursive: true });
    if (!path.endsWith('/')) await writeFile(file, content);
  }
  return folder;
}

/** What the UserError says that some work ends in; undefined when it ends well. Any other error is thrown. */
export async function complaintOf(work: () => unknown): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** The same for work that has to end in one. */
export async function messageOf(work: () => unknown): Promise<string> {
  const complaint = await complaintOf(work);
  if (complaint === undefined) throw new Error('expected a UserError');
  return complaint;
}
