import { z } from 'zod';
import { created, fail, invalid, notFound, ok, type Answer, type Call, type Route } from './routes.js';
import { showComment, showForeignIssue, showIssue, showLabel, showMilestone } from './shapes.js';
import { addComment, findIssue, knowLabel, now, touch, type StoredIssue } from './state.js';

const ISSUES = '/repos/:owner/:repo/issues';
const ISSUE = `${ISSUES}/:number`;
const names = z.object({ labels: z.array(z.string()) });
const people = z.object({ assignees: z.array(z.string()) });
const change = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.enum(['completed', 'not_planned', 'reopened']).nullish(),
});

export const issueRoutes: Route[] = [
  { route: `GET ${ISSUES}`, handle: listIssues },
  { route: `GET ${ISSUE}`, handle: onIssue((call, issue) => ok(showIssue(call, issue))) },
  { route: `PATCH ${ISSUE}`, handle: onIssue(changeIssue) },
  { route: `GET ${ISSUE}/comments`, handle: onIssue(listComments) },
  { route: `POST ${ISSUE}/comments`, handle: onIssue(comment) },
  { route: `POST ${ISSUE}/labels`, handle: onIssue(addLabels) },
  { route: `DELETE ${ISSUE}/labels/:name`, handle: onIssue(removeLabel) },
  { route: `POST ${ISSUE}/assignees`, handle: onIssue(assign) },
  { route: `DELETE ${ISSUE}/assignees`, handle: onIssue(unassign) },
  { route: `GET ${ISSUE}/dependencies/blocked_by`, handle: onIssue(listBlockers) },
  { route: `GET ${ISSUE}/sub_issues`, handle: onIssue(listChildren) },
  { route: `GET ${ISSUE}/parent`, handle: onIssue(readParent) },
  { route: 'GET /repos/:owner/:repo/milestones', handle: listMilestones },
  {
    route: 'GET /repos/:owner/:repo/milestones/:number',
    handle: readMilestone,
  },
  { route: 'PATCH /repos/:owner/:repo/milestones/:number', handle: changeMilestone },
];

function onIssue(handle: (call: Call, issue: StoredIssue) => Answer): Route['handle'] {
  return (call) => {
    if (!call.repository.hasIssues) return fail(410, 'Issues has been disabled in this repository.');
    const issue = findIssue(call.repository, Number(call.params['number']));
    const wasThere = Number(call.params['number']) <= call.repository.issues.length;
    if (!issue) return wasThere ? fail(410, 'This issue was deleted') : notFound();
    if (issue.movedTo !== undefined) {
      const [, repository, number] = /^(.+)#(\d+)$/.exec(issue.movedTo) ?? [];
      const url = `${call.baseUrl}/repos/${repository}/issues/${number}`;
      return { ...fail(301, 'Moved Permanently', { url }), headers: { location: url } };
    }
    return handle(call, issue);
  };
}

/** Pull requests are among them. */
function listIssues(call: Call): Answer {
  const { repository, query } = call;
  if (!repository.hasIssues) return fail(410, 'Issues has been disabled in this repository.');
  const state = query.get('state') ?? 'open';
  const since = query.get('since');
  const isAscending = query.get('direction') === 'asc';
  const key = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  const listed = repository.issues
    .filter((issue) => issue !== undefined)
    .filter((issue) => issue.movedTo === undefined && (state === 'all' || issue.state === state))
    .filter((issue) => since === null || issue.updatedAt >= since)
    .toSorted((a, b) => compare(a[key], b[key]) || a.number - b.number);
  return ok((isAscending ? listed : listed.toReversed()).map((issue) => showIssue(call, issue)));
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function changeIssue(call: Call, issue: StoredIssue): Answer {
  const { data, error } = change.safeParse(call.body);
  if (error) return invalid('Validation Failed', [error.issues]);
  if (data.title !== undefined) issue.title = data.title;
  if (data.body !== undefined) issue.body = data.body;
  if (data.state !== undefined && data.state !== issue.state) {
    issue.state = data.state;
    issue.closedAt = data.state === 'closed' ? now() : null;
    issue.stateReason = data.state_reason ?? (data.state === 'closed' ? 'completed' : 'reopened');
  }
  touch(issue);
  return ok(showIssue(call, issue));
}

function listComments(call: Call, issue: StoredIssue): Answer {
  return ok(issue.comments.map((each) => showComment(call, issue, each)));
}

function comment(call: Call, issue: StoredIssue): Answer {
  const body = call.body['body'];
  if (typeof body !== 'string' || body === '') return invalid('Validation Failed');
  if (body.length > 65_536)
    return invalid('Validation Failed', [{ message: 'body is too long (maximum is 65536 characters)' }]);
  return created(showComment(call, issue, addComment(issue, call.login, body)));
}

function addLabels(call: Call, issue: StoredIssue): Answer {
  const { data } = names.safeParse(call.body);
  if (!data) return invalid('Validation Failed');
  if (data.labels.some((name) => name.length > 50)) return invalid('Validation Failed');
  const known = data.labels.map((name) => knowLabel(call.repository, name).name);
  issue.labels = [...new Set([...issue.labels, ...known])];
  touch(issue);
  return ok(issue.labels.map((name) => showLabel(call, name)));
}

function removeLabel(call: Call, issue: StoredIssue): Answer {
  const name = issue.labels.find((label) => label.toLowerCase() === call.params['name']?.toLowerCase());
  if (name === undefined) return fail(404, 'Label does not exist');
  issue.labels = issue.labels.filter((label) => label !== name);
  touch(issue);
  return ok(issue.labels.map((label) => showLabel(call, label)));
}

/** Whoever can't be assigned is passed over without a word. */
function assign(call: Call, issue: StoredIssue): Answer {
  const { data } = people.safeParse(call.body);
  if (!data) return invalid('Validation Failed');
  const able = data.assignees.filter((login) => call.repository.access.has(login));
  issue.assignees = [...new Set([...issue.assignees, ...able])].slice(0, 10);
  touch(issue);
  return created(showIssue(call, issue));
}

function unassign(call: Call, issue: StoredIssue): Answer {
  const { data } = people.safeParse(call.body);
  if (!data) return invalid('Validation Failed');
  issue.assignees = issue.assignees.filter((login) => !data.assignees.includes(login));
  touch(issue);
  return ok(showIssue(call, issue));
}

function listBlockers(call: Call, issue: StoredIssue): Answer {
  const shown = issue.blockedBy.map((blocker) => {
    if (typeof blocker === 'string') return showForeignIssue(call, blocker);
    const found = findIssue(call.repository, blocker);
    return found && showIssue(call, found);
  });
  return ok(shown.filter((each) => each !== undefined));
}

function listChildren(call: Call, issue: StoredIssue): Answer {
  const children = call.repository.issues.filter((each) => each !== undefined && each.parent === issue.number);
  return ok(children.map((child) => showIssue(call, child!)));
}

function readParent(call: Call, issue: StoredIssue): Answer {
  const parent = issue.parent === null ? undefined : findIssue(call.repository, issue.parent);
  return parent ? ok(showIssue(call, parent)) : notFound();
}

function readMilestone(call: Call): Answer {
  const milestone = call.repository.milestones[Number(call.params['number']) - 1];
  return milestone ? ok(showMilestone(call, milestone.number)) : notFound();
}

function listMilestones(call: Call): Answer {
  const { repository, query } = call;
  const state = query.get('state') ?? 'open';
  const listed = repository.milestones.filter((milestone) => state === 'all' || milestone.state === state);
  return ok(listed.map(({ number }) => showMilestone(call, number)));
}

function changeMilestone(call: Call): Answer {
  const milestone = call.repository.milestones[Number(call.params['number']) - 1];
  if (!milestone) return notFound();
  const { data } = change.safeParse(call.body);
  if (data?.state !== undefined) milestone.state = data.state;
  milestone.updatedAt = now();
  return ok(showMilestone(call, milestone.number));
}
