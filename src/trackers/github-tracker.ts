import { createGitHub, type GitHubPace } from '../github/client.js';
import { GitHubError } from '../github/github-error.js';
import { createGitHubChanges } from './github-changes.js';
import { createGitHubClaims } from './github-claims.js';
import { createGitHubComments } from './github-comments.js';
import { createGitHubListing, type GitHubParts } from './github-listing.js';
import { createGitHubRelations } from './github-relations.js';
import type { GitHubSettings } from './github-settings.js';
import type { Place } from './place.js';
import { compileStates, type StateNames } from './states.js';
import { TrackerError, type Listing, type Tracker } from './tracker.js';

export interface GitHubTrackerOptions extends StateNames {
  /** `owner/name` */
  repository: string;
  token: string;
  endpoint?: string;
  settings: GitHubSettings;
  place: Place;
  /** Told at once when a rate limit holds a call up. @default the next listing warns of it */
  tell?: (line: string) => void;
  pace?: GitHubPace;
}

/**
 * A claim is four writes, and GitHub is given one a second: so many are done within a minute, and then their agents start. With more
 * each would take as long as all of them, and one that takes too long doesn't count (see github-changes.ts).
 */
const CLAIMS_AT_ONCE = 10;

/**
 * The issues of a repository on GitHub. Keep one for each project and process: it knows what it has read, and asks for what
 * has changed. What people see of a claim is a label and an assignee; what decides is a ref, see github-claims.ts.
 */
export function createGitHubTracker(options: GitHubTrackerOptions): Tracker {
  const { settings, place } = options;
  const told: string[] = [];
  const github = createGitHub({ ...options, tell: options.tell ?? ((line) => told.push(line)) });
  const parts: GitHubParts = {
    github,
    claims: createGitHubClaims(github),
    comments: createGitHubComments(github),
    relations: createGitHubRelations(github),
    states: compileStates(options),
    settings,
    isOwn: (claim) => claim.place === place.place,
  };
  const list = shareTurns(createGitHubListing(parts));
  const { claim, release, close } = createGitHubChanges(parts, place);

  return {
    kind: 'github',
    ownPaths: [],
    claimsAtOnce: CLAIMS_AT_ONCE,
    list: () =>
      asTrackerError(async () => {
        const { issues, warnings } = await list();
        return { issues: [...issues], warnings: [...told.splice(0), ...warnings] };
      }),
    claim: (...call) => asTrackerError(() => claim(...call)),
    release: (...call) => asTrackerError(() => release(...call)),
    close: (...call) => asTrackerError(() => close(...call)),
    // A workspace holds no copy of the issues.
    adopt: () => Promise.resolve([]),
  };
}

/** Those who come while one is read need a later one, but the same. */
function shareTurns(read: () => Promise<Listing>): () => Promise<Listing> {
  let current: Promise<Listing> | undefined;
  let next: Promise<Listing> | undefined;
  const start = (): Promise<Listing> => {
    const turn = read().finally(() => {
      if (current === turn) current = undefined;
    });
    return (current = turn);
  };
  return () => {
    if (!current) return start();
    next ??= current
      .catch(() => {})
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
}

async function asTrackerError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GitHubError) throw new TrackerError(error.message, error.permanent, error.retryAfterMs);
    throw error;
  }
}
