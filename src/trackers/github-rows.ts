import { z } from 'zod';

/** What garland reads of GitHub's answers. */

const person = z.object({ login: z.string() });

export const issueRow = z.object({
  number: z.number().int(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.string(),
  html_url: z.string().nullish(),
  url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  comments: z.number(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  assignees: z.array(person).nullish(),
  milestone: z.object({ number: z.number().int() }).nullish(),
  type: z.object({ name: z.string() }).nullish(),
  pull_request: z.unknown().optional(),
  sub_issues_summary: z.object({ total: z.number(), completed: z.number() }).nullish(),
  issue_dependencies_summary: z.object({ blocked_by: z.number(), total_blocked_by: z.number() }).nullish(),
});
export type IssueRow = z.infer<typeof issueRow>;

export const commentRow = z.object({
  id: z.number(),
  body: z.string().nullish(),
  created_at: z.string(),
  user: person.nullish(),
});
export type CommentRow = z.infer<typeof commentRow>;

export const milestoneRow = z.object({
  number: z.number().int(),
  title: z.string(),
  state: z.string(),
  html_url: z.string(),
  description: z.string().nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type MilestoneRow = z.infer<typeof milestoneRow>;

export const refRow = z.object({ ref: z.string(), object: z.object({ sha: z.string() }) });
export const commitRow = z.object({ sha: z.string(), message: z.string(), tree: z.object({ sha: z.string() }) });
export const userRow = person;
export const repositoryRow = z.object({ default_branch: z.string(), has_issues: z.boolean() });
export const branchRow = z.object({ commit: z.object({ commit: z.object({ tree: z.object({ sha: z.string() }) }) }) });
export const anything = z.unknown();

export const labelsOf = ({ labels }: IssueRow): string[] =>
  labels.map((label) => (typeof label === 'string' ? label : label.name)).filter((name) => typeof name === 'string');

export const assigneesOf = ({ assignees }: IssueRow): string[] => (assignees ?? []).map(({ login }) => login);

/** An issue's id: its number, or `owner/name#number` when it is another repository's. */
export function idOf({ url, number }: Pick<IssueRow, 'url' | 'number'>, repository: string): string {
  const [, elsewhere] = /\/repos\/([^/]+\/[^/]+)\/issues\/\d+$/.exec(url) ?? [];
  const isHere = elsewhere === undefined || elsewhere.toLowerCase() === repository.toLowerCase();
  return isHere ? String(number) : `${elsewhere}#${number}`;
}
