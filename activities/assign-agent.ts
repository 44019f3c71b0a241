import type { TakenIssue } from '../src/contract/activities.js';
import type { AgentKind } from '../src/contract/agents.js';
import { UserError } from '../src/errors.js';
import type { Issue } from '../src/trackers/tracker.js';
import type { Project } from './projects.js';

/** The agent that an issue gets, or why none can be started for it: others wrote its text, and it may ask for what there isn't. */
export function assignAgent(project: Project, issue: Issue): Pick<TakenIssue, 'agent' | 'unfit'> {
  try {
    return { agent: project.chooseAgent(issue) };
  } catch (error) {
    if (error instanceof UserError) return { unfit: error.message };
    throw error;
  }
}

/** Those of `ids` for which no agent may be started now, because its kind has reached its usage limit. */
export function findHeld(project: Project, ids: string[], issues: Issue[], limited: AgentKind[] = []): Set<string> {
  if (limited.length === 0) return new Set();
  const byId = new Map(issues.map((issue) => [issue.id, issue]));
  const isHeld = (id: string): boolean => {
    const issue = byId.get(id);
    const kind = issue && assignAgent(project, issue).agent?.kind;
    return kind !== undefined && limited.includes(kind);
  };
  return new Set(ids.filter(isHeld));
}
