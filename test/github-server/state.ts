import { createHash } from 'node:crypto';

/** What the server knows of a repository. Tests look at it and change it as people would, behind garland's back. */
export interface Repository {
  owner: string;
  name: string;
  defaultBranch: string;
  hasIssues: boolean;
  /** By number less one; a deleted issue leaves a gap. */
  issues: (StoredIssue | undefined)[];
  labels: Map<string, StoredLabel>;
  milestones: StoredMilestone[];
  /** By full name: `refs/heads/main`. */
  refs: Map<string, string>;
  objects: Map<string, StoredCommit>;
  /** Where it went: asked for by its old name, the server answers 301. */
  movedTo?: string;
  /** What may be done with it by token's login; anybody else doesn't see it. */
  access: Map<string, 'read' | 'write'>;
}

export interface StoredIssue {
  number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'reopened' | null;
  author: string;
  labels: string[];
  assignees: string[];
  milestone: number | null;
  type: string | null;
  comments: StoredComment[];
  parent: number | null;
  /** Numbers here, or `owner/name#number` elsewhere. */
  blockedBy: (number | string)[];
  isPull: boolean;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  /** Where it was transferred: `owner/name#number`. */
  movedTo?: string;
}

export interface StoredComment {
  id: number;
  body: string;
  author: string;
  createdAt: string;
}

export interface StoredLabel {
  name: string;
  color: string;
  description: string | null;
}

export interface StoredMilestone {
  number: number;
  title: string;
  state: 'open' | 'closed';
  createdAt: string;
  updatedAt: string;
}

export interface StoredCommit {
  sha: string;
  tree: string;
  parents: string[];
  message: string;
  date: string;
}

export function makeRepository(owner: string, name: string): Repository {
  const repository: Repository = {
    owner,
    name,
    defaultBranch: 'main',
    hasIssues: true,
    issues: [],
    labels: new Map(),
    milestones: [],
    refs: new Map(),
    objects: new Map(),
    access: new Map(),
  };
  const first = addCommit(repository, { message: 'Begin', tree: hash('tree'), parents: [] });
  repository.refs.set('refs/heads/main', first.sha);
  return repository;
}

export function addCommit(
  repository: Repository,
  { message, tree, parents }: Pick<StoredCommit, 'message' | 'tree' | 'parents'>,
): StoredCommit {
  const date = now();
  const sha = hash(JSON.stringify([message, tree, parents, date]));
  const commit = { sha, tree, parents, message, date };
  repository.objects.set(sha, commit);
  return commit;
}

export function addIssue(repository: Repository, fields: Partial<StoredIssue> & { title: string }): StoredIssue {
  const issue = makeIssue({ ...fields, number: repository.issues.length + 1 });
  for (const label of issue.labels) knowLabel(repository, label);
  repository.issues.push(issue);
  return issue;
}

/** Open, with nothing to it but what is given. */
export function makeIssue(fields: Partial<StoredIssue> & { number: number; title: string }): StoredIssue {
  const at = fields.createdAt ?? now();
  return {
    body: null,
    state: 'open',
    stateReason: null,
    author: 'ann',
    labels: [],
    assignees: [],
    milestone: null,
    type: null,
    comments: [],
    parent: null,
    blockedBy: [],
    isPull: false,
    createdAt: at,
    updatedAt: at,
    closedAt: fields.state === 'closed' ? at : null,
    ...fields,
  };
}

export function findIssue(repository: Repository, number: number): StoredIssue | undefined {
  return repository.issues[number - 1];
}

export function touch(issue: StoredIssue): void {
  issue.updatedAt = now();
}

/** GitHub makes labels that an issue is given and that the repository lacks. */
export function knowLabel(repository: Repository, name: string): StoredLabel {
  const known = [...repository.labels.values()].find((label) => label.name.toLowerCase() === name.toLowerCase());
  const label = known ?? { name, color: 'ededed', description: null };
  repository.labels.set(label.name, label);
  return label;
}

let lastComment = 1_000;

export function addComment(issue: StoredIssue, author: string, body: string): StoredComment {
  lastComment += 1;
  const comment = { id: lastComment, body, author, createdAt: now() };
  issue.comments.push(comment);
  touch(issue);
  return comment;
}

/** Whole seconds, as GitHub's. */
export const now = (): string => new Date().toISOString().replace(/\.\d+/, '');

export const hash = (text: string): string => createHash('sha1').update(text).digest('hex');
