import { addComment, addIssue, touch, type Repository, type StoredIssue } from '../github-server/state.js';
import type { ClaimResult, Issue, Listing, Tracker } from '../../src/trackers/tracker.js';
import { openTracker, startShop } from './github-repository.js';
import { describeTracker } from './tracker-contract.js';

/** Issues have numbers on GitHub, and what they lack there is said with labels: told back as the contract has it. */
describeTracker(
  'github',
  async (issues) => {
    const { server, repository } = await startShop();
    const names = createNames(issues);
    for (const issue of issues) seed(repository, issue, names);
    const open = () => inWordsOf(names, openTracker(server));
    const find = (id: string): StoredIssue => repository.issues[Number(names.numberOf(id)) - 1]!;
    return {
      tracker: open(),
      another: open,
      edit: async (id, { status, assignee, labels }) => {
        const issue = find(id);
        if (status !== undefined) {
          issue.state = status === 'closed' ? 'closed' : 'open';
          issue.labels = [...issue.labels.filter((label) => !(label in STATE_LABELS)), ...stateLabels(status)];
        }
        if (assignee !== undefined) issue.assignees = [assignee];
        if (labels !== undefined) issue.labels = labels;
        touch(issue);
      },
      remove: async (id) => {
        repository.issues[find(id).number - 1] = undefined;
      },
      notesOf: async (id) =>
        find(id)
          .comments.map(({ body }) => body.replace(/^```text\n(.*)\n```\n<!-- .* -->$/s, '$1'))
          .join('\n\n'),
    };
  },
  { many: 40, dangling: false, texts: false },
);

const STATE_LABELS: Record<string, string> = { 'in-progress': 'in_progress', blocked: 'blocked', deferred: 'deferred' };
const stateLabels = (status: string): string[] =>
  Object.entries(STATE_LABELS).flatMap(([label, state]) => (state === status ? [label] : []));

interface Names {
  numberOf(name: string): string;
  nameOf(number: string): string;
}

function createNames(issues: Issue[]): Names {
  const names = issues.map(({ id }) => id);
  return {
    numberOf: (name) => String(names.includes(name) ? names.indexOf(name) + 1 : 999),
    nameOf: (number) => names[Number(number) - 1] ?? (number === '999' ? 'a' : number),
  };
}

function seed(repository: Repository, issue: Issue, names: Names): void {
  const { title, status, type, priority, labels, assignee, description } = issue;
  const numbers = (ids: string[]): number[] => ids.map((id) => Number(names.numberOf(id))).filter((id) => id !== 999);
  const latest = repository.issues.at(-1)?.createdAt ?? '2025-12-01T00:00:00Z';
  const createdAt = issue.createdAt ?? latest;
  const stored = addIssue(repository, {
    title,
    body: description ?? null,
    state: status === 'closed' ? 'closed' : 'open',
    labels: [...labels, `priority: ${priority}`, `type: ${type}`, ...stateLabels(status)],
    assignees: assignee === undefined ? [] : [assignee],
    parent: numbers(issue.parents)[0] ?? null,
    blockedBy: numbers(issue.blockers),
    createdAt,
  });
  if (issue.notes !== undefined) addComment(stored, 'ann', issue.notes);
  stored.updatedAt = issue.updatedAt ?? createdAt;
}

function inWordsOf(names: Names, tracker: Tracker): Tracker {
  const text = (line: string): string => line.replaceAll(/\b\d+\b/g, (number) => names.nameOf(number));
  const translate = (issue: Issue): Issue => ({
    ...issue,
    id: names.nameOf(issue.id),
    parents: issue.parents.map(names.nameOf),
    blockers: issue.blockers.map(names.nameOf),
    labels: issue.labels.filter((label) => !(label in STATE_LABELS) && !/^(priority|type): /.test(label)),
  });
  const result = (answer: ClaimResult): ClaimResult =>
    answer.claimed
      ? { claimed: true, issue: translate(answer.issue) }
      : { claimed: false, reason: text(answer.reason) };
  return {
    ...tracker,
    list: async (): Promise<Listing> => {
      const { issues, warnings } = await tracker.list();
      return { issues: issues.map(translate), warnings: warnings.map(text) };
    },
    claim: async (id, ...more) => result(await tracker.claim(names.numberOf(id), ...more)),
    release: (id, ...more) => tracker.release(names.numberOf(id), ...more),
    close: (id, ...more) => tracker.close(names.numberOf(id), ...more),
  };
}
