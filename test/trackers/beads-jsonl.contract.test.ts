import { createBeadsJsonlTracker } from '../../src/trackers/beads-jsonl.js';
import { formatIssue, ISSUES, makeProject, readIssues, readLines, writeIssues } from './beads-project.js';
import { describeTracker } from './tracker-contract.js';

describeTracker('beads-jsonl', async (issues) => {
  const project = makeProject(issues.map(formatIssue));
  const create = () => createBeadsJsonlTracker({ projectDir: project, path: ISSUES });
  const isOf = (id: string) => (line: string) => line.includes(`"id":${JSON.stringify(id)},`);
  return {
    tracker: create(),
    another: create,
    edit: async (id, fields) =>
      writeIssues(
        project,
        readLines(project).map((line) => (isOf(id)(line) ? JSON.stringify({ ...JSON.parse(line), ...fields }) : line)),
      ),
    remove: async (id) =>
      writeIssues(
        project,
        readLines(project).filter((line) => !isOf(id)(line)),
      ),
    makeWorkspace: async (added) =>
      makeProject(readIssues(project) + added.map((issue) => `${formatIssue(issue)}\n`).join('')),
  };
});
