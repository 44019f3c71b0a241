import type { IssuePlace } from './issue-place.js';
import { deleteRef, moveRef, readCommit } from './refs.js';
import { deleteRemoteRef, pushRef } from './remote.js';
import type { Repository } from './repository.js';

/**
 * Pushes what was kept of a workspace to the ref of the same name at the remote, in place of what was kept before; not when that was
 * done already.
 *
 * @throws UserError when the remote doesn't take it
 */
export async function pushProgress(
  repository: Repository,
  { progressRef, progressPushedRef }: IssuePlace,
  remote: string,
  signal: AbortSignal,
): Promise<void> {
  const [kept, pushed] = await Promise.all([progressRef, progressPushedRef].map((ref) => readCommit(repository, ref)));
  if (kept === undefined || kept === pushed) return;
  await pushRef(repository, remote, { commit: kept, ref: progressRef }, signal);
  await moveRef(repository, progressPushedRef, kept, pushed ?? '', 'pushed work in progress');
}

/**
 * Takes it away there, too, if it was ever pushed.
 *
 * @throws UserError when the remote doesn't let it go; it is tried again with the next workspace of the issue
 */
export async function unpushProgress(
  repository: Repository,
  { progressRef, progressPushedRef }: IssuePlace,
  remote: string | undefined,
): Promise<void> {
  const pushed = await readCommit(repository, progressPushedRef);
  if (pushed === undefined) return;
  if (remote !== undefined) await deleteRemoteRef(repository, remote, progressRef);
  await deleteRef(repository, progressPushedRef, pushed);
}
