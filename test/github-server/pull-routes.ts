import { z } from 'zod';
import { created, fail, invalid, notFound, ok, type Answer, type Call, type Route } from './routes.js';
import { showUser } from './shapes.js';
import { addIssue, findIssue, now, touch, type Repository, type StoredIssue } from './state.js';

/** What makes an issue a pull request. */
export interface StoredPull {
  issue: StoredIssue;
  head: string;
  base: string;
  /** Of the branch's commit when it was merged or closed; undefined: as it is now. */
  sha?: string;
  mergedAt: string | null;
}

export interface PullServer {
  routes: Route[];
  pulls: StoredPull[];
  /** As people do it. `sha` of the branch as it was stays. Merging into the default branch closes what the text says it does. */
  merge(number: number): void;
  close(number: number): void;
}

const PULLS = '/repos/:owner/:repo/pulls';
const newPull = z.object({
  title: z.string().min(1),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().default(false),
});
const changedPull = z.object({ title: z.string().optional(), body: z.string().nullish() });

/** Pull requests of one repository. `readBranch` tells the commit of a branch where it was pushed to. */
export function servePulls(repository: Repository, readBranch: (branch: string) => string | undefined): PullServer {
  const pulls: StoredPull[] = [];
  const find = (number: number): StoredPull => pulls.find(({ issue }) => issue.number === number)!;
  const close = (issue: StoredIssue | undefined, reason: StoredIssue['stateReason']): void => {
    if (issue?.state !== 'open') return;
    Object.assign(issue, { state: 'closed', closedAt: now(), stateReason: reason });
    touch(issue);
  };
  const end = (number: number, mergedAt: string | null): void => {
    const pull = find(number);
    Object.assign(pull, { sha: readBranch(pull.head), mergedAt });
    close(pull.issue, null);
    if (mergedAt === null || pull.base !== repository.defaultBranch) return;
    for (const closed of listClosed(pull.issue.body ?? '')) close(findIssue(repository, closed), 'completed');
  };
  const server = { pulls, readBranch };
  return {
    pulls,
    merge: (number) => end(number, now()),
    close: (number) => end(number, null),
    routes: [
      { route: `GET ${PULLS}`, handle: (call) => list(call, server) },
      { route: `POST ${PULLS}`, handle: (call) => open(call, server, repository) },
      { route: `PATCH ${PULLS}/:number`, handle: (call) => change(call, server) },
    ],
  };
}

/** GitHub's words for it. What stands in blocks of code doesn't count. */
function listClosed(body: string): number[] {
  const text = body.replaceAll(/^(`{3,}).*\n[^]*?\n\1$/gm, '');
  return [...text.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? +#(\d+)/gi)].map(([, number]) =>
    Number(number),
  );
}

type Known = { pulls: StoredPull[]; readBranch: (branch: string) => string | undefined };

/** Newest first, as GitHub's default is. */
function list(call: Call, server: Known): Answer {
  const { query, repository } = call;
  const state = query.get('state') ?? 'open';
  const head = query.get('head');
  const found = server.pulls.filter(
    (pull) =>
      (state === 'all' || pull.issue.state === state) && (head === null || head === `${repository.owner}:${pull.head}`),
  );
  return ok(found.toReversed().map((pull) => show(call, server, pull)));
}

function open(call: Call, server: Known, repository: Repository): Answer {
  const { data } = newPull.safeParse(call.body);
  if (!data) return invalid('Validation Failed');
  const { title, head, base, body } = data;
  if (isTooLong(body)) return tooLong();
  const refuse = (message: string): Answer =>
    invalid('Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
  if (server.readBranch(base) === undefined) {
    return invalid('Validation Failed', [{ resource: 'PullRequest', field: 'base', code: 'invalid' }]);
  }
  if (server.readBranch(head) === undefined) {
    return invalid('Validation Failed', [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]);
  }
  if (server.pulls.some((pull) => pull.head === head && pull.issue.state === 'open')) {
    return refuse(`A pull request already exists for ${repository.owner}:${head}.`);
  }
  if (server.readBranch(head) === server.readBranch(base)) return refuse(`No commits between ${base} and ${head}`);
  const issue = addIssue(repository, { title, body: body ?? null, isPull: true, author: call.login });
  const pull = { issue, head, base, mergedAt: null };
  server.pulls.push(pull);
  return created(show(call, server, pull));
}

function change(call: Call, server: Known): Answer {
  const { data } = changedPull.safeParse(call.body);
  if (!data) return fail(422, 'Validation Failed');
  if (isTooLong(data.body)) return tooLong();
  const pull = server.pulls.find(({ issue }) => issue.number === Number(call.params['number']));
  if (!pull || !findIssue(call.repository, pull.issue.number)) return notFound();
  if (data.title !== undefined) pull.issue.title = data.title;
  if (data.body !== undefined) pull.issue.body = data.body ?? null;
  touch(pull.issue);
  return ok(show(call, server, pull));
}

const isTooLong = (body: string | null | undefined): boolean => (body?.length ?? 0) > 65_536;
const tooLong = (): Answer =>
  invalid('Validation Failed', [{ message: 'body is too long (maximum is 65536 characters)' }]);

function show({ repository, baseUrl }: Call, { readBranch }: Known, pull: StoredPull) {
  const { issue, head, base, mergedAt } = pull;
  const { owner, name } = repository;
  const page = `https://github.test/${owner}/${name}/pull/${issue.number}`;
  const end = (ref: string, sha: string | undefined) => ({
    label: `${owner}:${ref}`,
    ref,
    sha: sha ?? '',
    user: showUser(owner, baseUrl),
  });
  return {
    id: issue.number,
    node_id: `PR_${issue.number}`,
    number: issue.number,
    url: `${baseUrl}/repos/${owner}/${name}/pulls/${issue.number}`,
    html_url: page,
    state: issue.state,
    locked: false,
    draft: false,
    title: issue.title,
    body: issue.body,
    user: showUser(issue.author, baseUrl),
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: mergedAt,
    head: end(head, pull.sha ?? readBranch(head)),
    base: end(base, readBranch(base)),
  };
}
