import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildEnvironment } from '../src/agents/environment.js';
import { agentChoiceOf, chooseAgent } from '../src/agents/choose-agent.js';
import { createAgent } from '../src/agents/create-agent.js';
import type { Agent } from '../src/agents/agent.js';
import type { Config } from '../src/config/schema.js';
import { loadWorkflowFile, showFile } from '../src/config/workflow-file.js';
import type { AgentChoice } from '../src/contract/agents.js';
import type { BrokenEdit, RunRef, RunSettings } from '../src/contract/activities.js';
import { openReviews } from '../src/reviews/open-reviews.js';
import type { Reviews } from '../src/reviews/reviews.js';
import { createTracker } from '../src/trackers/create-tracker.js';
import type { Issue, Tracker } from '../src/trackers/tracker.js';
import { createWorkspaces } from '../src/workspaces/create-workspaces.js';
import type { Workspaces } from '../src/workspaces/workspaces.js';
import { messageOf } from './failures.js';
import { toRunSettings } from './run-settings.js';

/** A project as its WORKFLOW.md describes it now, with what works for it. */
export interface Project {
  dir: string;
  config: Config;
  promptTemplate: string | undefined;
  /** Where the template stands, for errors in it. */
  promptSource: { file: string; startLine: number };
  tracker: Tracker;
  workspaces: Workspaces;
  /** For land.strategy pr: undefined elsewhere. */
  reviews: Reviews | undefined;
  /** True once each polling interval: a look at reviews asks others' servers. */
  areReviewsDue(): boolean;
  /** The agent for an issue, as it was chosen when the issue was claimed; absent: the one that the configuration names. */
  agentFor(choice?: AgentChoice): Agent;
  /** See choose-agent.ts. With `--agent` every issue gets that command, whatever it says. */
  chooseAgent(issue: Pick<Issue, 'id' | 'description' | 'labels'>): AgentChoice;
  settings: RunSettings;
  /** WORKFLOW.md was edited since, and can't be used as it is. */
  brokenEdit?: BrokenEdit;
  /** Ids that a call of this process has chosen and is claiming. */
  setAside: Set<string>;
  /** One after the other, in the order of the calls. */
  inTurn<T>(action: () => Promise<T>): Promise<T>;
}

export interface Projects {
  /**
   * Read afresh when the file changed, so that an edit applies to what starts next. A broken edit keeps the last good one,
   * which then tells of it.
   *
   * @throws UserError when it was never good
   */
  open(run: Pick<RunRef, 'projectDir' | 'configFile' | 'agentCommand'>): Promise<Project>;
}

/** Projects are shared between activities, so that writes to one tracker meet in one queue. */
export function createProjects(): Projects {
  const opened = new Map<string, { version: string; project: Promise<Project> }>();
  return {
    async open({ projectDir, configFile, agentCommand }) {
      const file = configFile ?? join(projectDir, 'WORKFLOW.md');
      const key = JSON.stringify([projectDir, file, agentCommand]);
      const version = await versionOf(file);
      const known = opened.get(key);
      if (known?.version === version) return known.project;
      // Kept before it has loaded: of several calls at the same time all must get the same one.
      const entry = { version, project: loadOr(known?.project, version, load(projectDir, file, agentCommand)) };
      opened.set(key, entry);
      try {
        return await entry.project;
      } catch (error) {
        if (opened.get(key) === entry) opened.delete(key);
        throw error;
      }
    },
  };
}

/** What was read, or else what was good before, with what is wrong now. */
async function loadOr(
  before: Promise<Project> | undefined,
  version: string,
  loading: Promise<Project>,
): Promise<Project> {
  try {
    return await loading;
  } catch (error) {
    if (before === undefined) throw error;
    return { ...(await before), brokenEdit: { version, message: messageOf(error) } };
  }
}

async function load(dir: string, file: string, agentCommand: string | undefined): Promise<Project> {
  const { config, promptTemplate, templateStartLine: startLine } = await loadWorkflowFile(file);
  if (agentCommand !== undefined) Object.assign(config.agent, { kind: 'shell', command: agentCommand });
  const tracker = await createTracker(dir, config.tracker);
  const workspaces = createWorkspaces(dir, config, {
    ownPaths: tracker.ownPaths,
    environment: (set) => buildEnvironment({ names: config.agent.env, set }),
  });
  const usual = agentChoiceOf(config);
  return {
    dir,
    config,
    promptTemplate,
    promptSource: { file: showFile(file), startLine },
    tracker,
    workspaces,
    reviews: openReviews(config, workspaces.remote, tracker.kind),
    areReviewsDue: every(config.polling.interval_ms),
    agentFor: (choice = usual) => createAgent(choice, config),
    chooseAgent: (issue) => (agentCommand === undefined ? chooseAgent(issue, config) : usual),
    settings: toRunSettings(config, { agentLabel: createAgent(usual, config).label, agentCommand }),
    setAside: new Set(),
    inTurn: createTurns(),
  };
}

/** Changes whenever the file does; a missing file is a version of its own. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino}-${size}-${mtimeNs}`;
  } catch {
    return 'missing';
  }
}

function every(intervalMs: number): () => boolean {
  let last = -Infinity;
  return () => {
    const now = performance.now();
    if (now - last < intervalMs) return false;
    last = now;
    return true;
  };
}

function createTurns(): Project['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const turn = last.then(action);
    last = turn.catch(() => {});
    return turn;
  };
}
