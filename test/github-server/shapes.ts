import {
  findIssue,
  hash,
  makeIssue,
  type Repository,
  type StoredComment,
  type StoredCommit,
  type StoredIssue,
} from './state.js';
import type { Call } from './routes.js';

type Where = Pick<Call, 'baseUrl' | 'repository'>;

const urlOf = ({ baseUrl, repository }: Where): string => `${baseUrl}/repos/${repository.owner}/${repository.name}`;
const pageOf = ({ repository }: Where): string => `https://github.test/${repository.owner}/${repository.name}`;
const idOf = (text: string): number => Number.parseInt(hash(text).slice(0, 8), 16);

export function showUser(login: string, baseUrl: string) {
  const url = `${baseUrl}/users/${login}`;
  return {
    login,
    id: idOf(login),
    node_id: `U_${login}`,
    avatar_url: `${url}.png`,
    gravatar_id: '',
    url,
    html_url: `https://github.test/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: 'User',
    site_admin: false,
  };
}

export function showIssue(where: Where, issue: StoredIssue): Record<string, unknown> {
  const { repository, baseUrl } = where;
  const url = `${urlOf(where)}/issues/${issue.number}`;
  const children = repository.issues.filter((other) => other?.parent === issue.number);
  const isClosed = (blocker: number | string): boolean =>
    typeof blocker === 'number' && findIssue(repository, blocker)?.state !== 'open';
  const blocked = repository.issues.filter((other) => other?.blockedBy.includes(issue.number));
  return {
    id: idOf(url),
    node_id: `I_${idOf(url)}`,
    url,
    repository_url: urlOf(where),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${pageOf(where)}/${issue.isPull ? 'pull' : 'issues'}/${issue.number}`,
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: showUser(issue.author, baseUrl),
    labels: issue.labels.map((name) => showLabel(where, name)),
    assignee: issue.assignees[0] === undefined ? null : showUser(issue.assignees[0], baseUrl),
    assignees: issue.assignees.map((login) => showUser(login, baseUrl)),
    milestone: issue.milestone === null ? null : showMilestone(where, issue.milestone),
    locked: false,
    active_lock_reason: null,
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: 'OWNER',
    type:
      issue.type === null
        ? null
        : { id: idOf(issue.type), node_id: `IT_${issue.type}`, name: issue.type, description: null },
    ...(issue.isPull && { pull_request: showPullLinks(where, issue.number) }),
    ...(issue.parent !== null && { parent_issue_url: `${urlOf(where)}/issues/${issue.parent}` }),
    sub_issues_summary: {
      total: children.length,
      completed: children.filter((child) => child?.state === 'closed').length,
      percent_completed: 0,
    },
    issue_dependencies_summary: {
      blocked_by: issue.blockedBy.filter((blocker) => !isClosed(blocker)).length,
      total_blocked_by: issue.blockedBy.length,
      blocking: issue.state === 'open' ? blocked.length : 0,
      total_blocking: blocked.length,
    },
  };
}

/** An issue of another repository, of which only this is known. */
export function showForeignIssue({ baseUrl }: Where, reference: string): Record<string, unknown> {
  const [, owner = '', name = '', number] = /^(.+)\/(.+)#(\d+)$/.exec(reference) ?? [];
  const repository = { owner, name, issues: [], labels: new Map() } as unknown as Repository;
  const at = '2026-01-01T00:00:00Z';
  return showIssue({ baseUrl, repository }, makeIssue({ number: Number(number), title: reference, createdAt: at }));
}

function showPullLinks(where: Where, number: number) {
  const page = `${pageOf(where)}/pull/${number}`;
  return {
    url: `${urlOf(where)}/pulls/${number}`,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    merged_at: null,
  };
}

export function showLabel(where: Where, name: string) {
  const { color, description } = where.repository.labels.get(name) ?? { color: 'ededed', description: null };
  const url = `${urlOf(where)}/labels/${encodeURIComponent(name)}`;
  return { id: idOf(url), node_id: `LA_${idOf(url)}`, url, name, color, default: false, description };
}

export function showMilestone(where: Where, number: number) {
  const { repository, baseUrl } = where;
  const milestone = repository.milestones[number - 1]!;
  const url = `${urlOf(where)}/milestones/${number}`;
  const members = repository.issues.filter((issue) => issue?.milestone === number);
  return {
    url,
    html_url: `${pageOf(where)}/milestone/${number}`,
    labels_url: `${url}/labels`,
    id: idOf(url),
    node_id: `MI_${idOf(url)}`,
    number,
    state: milestone.state,
    title: milestone.title,
    description: null,
    creator: showUser('ann', baseUrl),
    open_issues: members.filter((issue) => issue?.state === 'open').length,
    closed_issues: members.filter((issue) => issue?.state === 'closed').length,
    created_at: milestone.createdAt,
    updated_at: milestone.updatedAt,
    closed_at: null,
    due_on: null,
  };
}

export function showComment(where: Where, issue: StoredIssue, comment: StoredComment) {
  const url = `${urlOf(where)}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url,
    html_url: `${pageOf(where)}/issues/${issue.number}#issuecomment-${comment.id}`,
    issue_url: `${urlOf(where)}/issues/${issue.number}`,
    body: comment.body,
    user: showUser(comment.author, where.baseUrl),
    created_at: comment.createdAt,
    updated_at: comment.createdAt,
    author_association: 'OWNER',
    performed_via_github_app: null,
  };
}

export function showRef(where: Where, ref: string, sha: string) {
  const url = `${urlOf(where)}/git/${ref}`;
  const object = { type: 'commit', sha, url: `${urlOf(where)}/git/commits/${sha}` };
  return { ref, node_id: `REF_${idOf(url)}`, url, object };
}

export function showCommit(where: Where, { sha, tree, parents, message, date }: StoredCommit) {
  const person = { date, name: 'ann', email: 'ann@example.org' };
  const commitUrl = (of: string) => `${urlOf(where)}/git/commits/${of}`;
  const pageUrl = (of: string) => `${pageOf(where)}/commit/${of}`;
  return {
    sha,
    node_id: `C_${sha}`,
    url: commitUrl(sha),
    html_url: pageUrl(sha),
    author: person,
    committer: person,
    message,
    tree: { sha: tree, url: `${urlOf(where)}/git/trees/${tree}` },
    parents: parents.map((parent) => ({ sha: parent, url: commitUrl(parent), html_url: pageUrl(parent) })),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}
