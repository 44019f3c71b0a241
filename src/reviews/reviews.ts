import type { RemoteBranches } from '../workspaces/workspaces.js';
import { UserError } from '../errors.js';
import { GitHubError } from '../github/github-error.js';
import { replaceOwnPart } from './describe-work.js';
import type { PullRequest, PullRequests, PullRequestText } from './pull-requests.js';

/** Work that waits at the remote for people to take it: land.strategy pr. */
export interface Reviews {
  /**
   * At the start of a run.
   *
   * @throws UserError when pull requests can't be opened
   */
  check(): Promise<void>;
  /**
   * Opens a pull request for a commit that was pushed, or brings the one that there is up to date, and reads it back. Undefined where
   * there are none: the remote isn't on GitHub.
   *
   * @throws UserError when GitHub refuses; what may pass by itself is another error
   */
  publish(issueId: string, commit: string, text: () => Promise<PullRequestText>): Promise<PullRequest | undefined>;
  /** `declined`: its pull request was closed without being merged. */
  stateOf(issueId: string): Promise<{ state: 'waits' | 'merged' | 'declined'; url?: string }>;
}

/** @param pulls undefined for a remote without pull requests */
export function createReviews(remote: RemoteBranches, openPulls: () => Promise<PullRequests | undefined>): Reviews {
  return {
    check: () =>
      explain(async () => {
        const pulls = await openPulls();
        if ((await pulls?.mayPush()) === false) {
          throw new UserError('land.strategy pr: the token may not write to the repository; use one that may');
        }
      }),

    publish: (issueId, commit, text) =>
      explain(async () => {
        const pulls = await openPulls();
        return pulls && publish(pulls, remote, { branch: remote.branchOf(issueId), commit, text });
      }),

    stateOf: async (issueId) => {
      if (await remote.isMerged(issueId)) return { state: 'merged' };
      const pull = await (await openPulls())?.find(remote.branchOf(issueId));
      if (pull === undefined) return { state: 'waits' };
      const { url } = pull;
      return { state: pull.state === 'open' ? 'waits' : pull.state === 'merged' ? 'merged' : 'declined', url };
    },
  };
}

interface Publication {
  branch: string;
  commit: string;
  text: () => Promise<PullRequestText>;
}

/** How often GitHub is asked again until it knows of a push; it is told of one a moment later. */
const LOOKS = 20;
const PAUSE_MS = 500;
/** What GitHub takes, in characters. */
const LONGEST_BODY = 65_536;

async function publish(pulls: PullRequests, remote: RemoteBranches, work: Publication): Promise<PullRequest> {
  const { branch, commit } = work;
  const found = await pulls.find(branch);
  // What was merged with all of the work is done with; one that was closed without stays closed.
  if (found?.state === 'merged' && found.head === commit) return found;
  const { title, body } = await work.text();
  if (found?.state === 'open') {
    // The title is people's once it is there; so is what they wrote around garland's part, which stays as it is if that leaves no room.
    const next = replaceOwnPart(found.body, body);
    const hasRoom = next.length <= LONGEST_BODY;
    if (hasRoom && next !== found.body) await pulls.update(found.number, { title: found.title, body: next });
  } else {
    const { base } = await remote.describe();
    await openOnce(pulls, branch, base, { title, body });
  }
  return readBack(pulls, branch, commit);
}

/** An answer that was lost, or somebody who was faster: it is looked up before it counts as a failure. */
async function openOnce(pulls: PullRequests, branch: string, base: string, text: PullRequestText): Promise<void> {
  try {
    await pulls.open(branch, base, text);
  } catch (error) {
    const found = await pulls.find(branch);
    if (found?.state !== 'open') throw error;
  }
}

async function readBack(pulls: PullRequests, branch: string, commit: string): Promise<PullRequest> {
  for (let looks = 1; ; looks += 1) {
    const found = await pulls.find(branch);
    if (found?.head === commit && found.state !== 'closed') return found;
    if (looks === LOOKS) {
      throw new Error(`${branch}: GitHub doesn't show a pull request with the commit ${commit} that was pushed`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** What a person has to mend is told in a line of its own. */
async function explain<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof GitHubError && error.permanent) throw new UserError(`land.strategy pr: ${error.message}`);
    throw error;
  }
}
