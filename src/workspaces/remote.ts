import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, UserError } from '../errors.js';
import { hideSecrets } from '../secrets/hide-secrets.js';
import { sayInOneLine, type GitResult } from './git.js';
import { refOf } from './refs.js';
import type { Repository } from './repository.js';

/** Where the remote's base branch is kept here, whatever the user's own fetches are configured to do. */
const baseRefOf = (remote: string, branch: string): string => `refs/garland/base/${remote}/${branch}`;

/** The address of a remote, without a password in it. @throws UserError when there is no such remote */
export async function readAddress({ git, projectDir }: Repository, remote: string): Promise<string> {
  const { exitCode, stdout } = await git.attempt(projectDir, ['remote', 'get-url', '--', remote]);
  if (exitCode === 0) return hideSecrets(stdout);
  throw new UserError(
    `land.remote: found ${JSON.stringify(remote)}, but ${projectDir} has no such remote; add it with 'git remote add', or name another`,
  );
}

/** The commit of a remote's branch now. @throws UserError when the remote can't be read */
export async function readRemoteBranch(
  repository: Repository,
  remote: string,
  branch: string,
): Promise<string | undefined> {
  const result = await callRemote(repository, remote, ['ls-remote', '--refs', remote, refOf(branch)]);
  const lines = result.split('\n').map((line) => line.split('\t'));
  return lines.find(([, ref]) => ref === refOf(branch))?.[0];
}

/** Brings a remote's branch here, into a ref of garland's own. @throws UserError when it isn't there */
export async function fetchBase(repository: Repository, remote: string, branch: string): Promise<string> {
  const ref = baseRefOf(remote, branch);
  await fetchRef(repository, remote, refOf(branch), ref);
  return repository.git.run(repository.projectDir, ['rev-parse', '--verify', `${ref}^{commit}`]);
}

/** Forced: what is fetched is a copy, and the remote's history is the remote's business. */
export async function fetchRef(repository: Repository, remote: string, from: string, to: string): Promise<void> {
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  await callRemote(repository, remote, ['fetch', ...options, remote, `+${from}:${to}`]);
}

/**
 * Pushes a commit to a branch of garland's own there, which has to be at `expected` (undefined: not there at all). False when it
 * isn't.
 *
 * @throws UserError when the remote doesn't take it
 */
export async function pushCommit(
  repository: Repository,
  remote: string,
  { commit, branch, expected, dryRun }: { commit: string; branch: string; expected?: string; dryRun?: boolean },
): Promise<boolean> {
  const lease = `--force-with-lease=${refOf(branch)}:${expected ?? ''}`;
  const options = ['--porcelain', '--no-follow-tags', '--recurse-submodules=no', ...(dryRun ? ['--dry-run'] : [])];
  const args = ['push', ...options, lease, remote, `${commit}:${refOf(branch)}`];
  const result = await repository.git.attempt(repository.projectDir, args);
  if (result.exitCode === 0) return true;
  if (/\[rejected\]|stale info|\[remote rejected\].*(cannot lock ref|already exists)/.test(result.stdout)) return false;
  throw describe(args, remote, result);
}

/** No more than a minute: what it is for goes on meanwhile, and there will be another. */
const PROGRESS_TIMEOUT_MS = 60_000;

/** Pushes a commit to a ref of garland's own there, whatever it was. @throws UserError when the remote doesn't take it */
export async function pushRef(
  { git, projectDir }: Repository,
  remote: string,
  { commit, ref }: { commit: string; ref: string },
  signal: AbortSignal,
): Promise<void> {
  const args = ['push', '--porcelain', '--no-follow-tags', '--recurse-submodules=no', remote, `+${commit}:${ref}`];
  const result = await git.attempt(projectDir, args, { signal, timeoutMs: PROGRESS_TIMEOUT_MS });
  if (result.exitCode !== 0) throw describe(args, remote, result);
}

/** One that isn't there is fine. @throws UserError when the remote doesn't let it go */
export async function deleteRemoteRef({ git, projectDir }: Repository, remote: string, ref: string): Promise<void> {
  const args = ['push', '--porcelain', remote, `:${ref}`];
  const result = await git.attempt(projectDir, args, { timeoutMs: PROGRESS_TIMEOUT_MS });
  const isGone = result.exitCode === 0 || /remote ref does not exist/.test(result.stderr);
  if (!isGone) throw describe(args, remote, result);
}

/** Between two tries of a call that the network may have failed, in milliseconds. */
const PAUSES = [1_000, 4_000, 15_000];
const UNANSWERED =
  /could not resolve|couldn't connect|connection|timed out|early EOF|hung up|returned error: (429|5\d\d)|RPC failed/i;

/** What only looks may be asked again: a remote that doesn't answer for a moment is no reason to give up work. */
async function callRemote(repository: Repository, remote: string, args: string[]): Promise<string> {
  for (const pause of [...PAUSES, undefined]) {
    const result = await repository.git.attempt(repository.projectDir, args);
    if (result.exitCode === 0) return result.stdout;
    if (pause === undefined || !UNANSWERED.test(result.stderr)) throw describe(args, remote, result);
    await sleep(pause);
  }
  return '';
}

function describe([command]: string[], remote: string, result: GitResult): UserError {
  const how = 'see that it works in your own shell without a question being asked';
  const said = command === 'push' ? readRefusal(result) : '';
  return new UserError(`git ${command}: the remote ${remote}: ${said || sayInOneLine(result)}; ${how}`, EXIT.failed);
}

/** Why the remote doesn't take a branch, in its own words; git's say no more than that it doesn't. */
function readRefusal({ stdout, stderr }: GitResult): string {
  const refusals = stdout.split('\n').flatMap((line) => (line.startsWith('!') ? [line.split('\t').at(-1) ?? ''] : []));
  const remarks = stderr.split('\n').flatMap((line) => /^remote: *(.*\S)\s*$/.exec(line)?.[1] ?? []);
  return refusals.length === 0 ? '' : hideSecrets([...refusals, ...remarks].join('; ')).slice(0, 600);
}
