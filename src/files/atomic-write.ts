import { randomUUID } from 'node:crypto';
import { fstatSync, renameSync, type BigIntStats } from 'node:fs';
import { open, readdir, realpath, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EXIT, UserError } from '../errors.js';
import { hasCode } from '../processes/create-once.js';

export interface AtomicWriteOptions {
  /** Mode of a new file, before the umask. A file that exists keeps its own. @default 0o666 */
  mode?: number;
  /** Called at the very last moment, with nothing asynchronous between it and the rename. What it throws is thrown on, and nothing has changed. */
  confirm?: () => void;
}

/**
 * Replaces a file's content as a whole: whoever reads it, also after a crash or a power cut, sees the old content or
 * the new one. Keeps the file's mode and owner, and follows a symbolic link. Returns the new file's stats, as they are with this
 * content: what anybody writes to it right afterwards makes them differ.
 *
 * @throws UserError when it can't be written (disk full, no permission); the file is as it was then.
 */
export async function atomicWrite(
  file: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<BigIntStats> {
  const target = await resolveTarget(file);
  await removeAbandoned(target);
  const temporary = `${temporaryPrefix(target)}${process.pid}.${randomUUID()}.tmp`;
  let handle: FileHandle | undefined;
  let renamed = false;
  try {
    handle = await open(temporary, 'wx', options.mode ?? 0o666);
    await copyOwnership(target, handle);
    await handle.writeFile(content);
    await handle.sync();
    const written = await handle.stat({ bigint: true });
    options.confirm?.();
    renameSync(temporary, target);
    renamed = true;
    const { ctimeNs } = fstatSync(handle.fd, { bigint: true });
    await syncFolder(dirname(target));
    return Object.assign(written, { ctimeNs });
  } catch (error) {
    if (!renamed) await rm(temporary, { force: true });
    throw isSystemError(error) ? describe(file, error, renamed) : error;
  } finally {
    await handle?.close();
  }
}

/** Renaming over a symbolic link would replace the link. A dangling one is replaced: there is nothing to keep. */
async function resolveTarget(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return file;
    throw isSystemError(error) ? describe(file, error, false) : error;
  }
}

const temporaryPrefix = (target: string): string => join(dirname(target), `.${basename(target)}.`);

/** A process that was killed while it wrote leaves its temporary file; whoever writes next takes it away. */
async function removeAbandoned(target: string): Promise<void> {
  const prefix = basename(temporaryPrefix(target));
  const names = await readdir(dirname(target)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)\.[0-9a-f-]{36}\.tmp$/.exec(name.slice(prefix.length))?.[1];
    if (pid !== undefined && !exists(Number(pid))) await rm(join(dirname(target), name), { force: true });
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

async function copyOwnership(target: string, handle: FileHandle): Promise<void> {
  let old;
  try {
    old = await stat(target);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const own = await handle.stat();
  if (old.uid !== own.uid || old.gid !== own.gid) {
    // Only root may give files away; for anyone else the content matters more than the owner.
    await handle.chown(old.uid, old.gid).catch(() => undefined);
  }
  // After chown, which takes setuid bits away.
  await handle.chmod(old.mode & 0o7777);
}

/** A rename survives a power cut only once the folder is on disk. Some file systems can't sync folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, 'EINVAL', 'ENOTSUP', 'EPERM')) throw error;
  } finally {
    await handle.close();
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && 'syscall' in error;

function describe(file: string, error: NodeJS.ErrnoException, renamed: boolean): UserError {
  const reason = error.message.split(',')[0];
  if (renamed) {
    return new UserError(`${file}: written, but it may not survive a power cut (${reason})`, EXIT.failed);
  }
  const advice = hasCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG')
    ? 'free some space'
    : 'check the folder and its permissions';
  return new UserError(`${file}: could not be written (${reason}), nothing was changed; ${advice}`, EXIT.failed);
}
