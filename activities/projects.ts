import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildEnvironment } from '../src/agents/environment.js';
import { agentChoiceOf, chooseAgent } from '../src/agents/choose-agent.js';
import { createAgent } from '../src/agents/create-agent.js';
import type { Agent } from '../src/agents/agent.js';
import type { Config } from '../src/config/schema.js';
import { loadWorkflowFile, showFile } from '../src/config/workflow-file.js';
import { AGENT_KINDS } from '../src/contract/agents.js';
import type { AgentChoice, AgentKind } from '../src/contract/agents.js';
import type { RunRef, RunSettings } from '../src/contract/activities.js';
import { openReviews } from '../src/reviews/open-reviews.js';
import type { Reviews } from '../src/reviews/reviews.js';
import { createTracker } from '../src/trackers/create-tracker.js';
import type { Issue, Tracker } from '../src/trackers/tracker.js';
import { createWorkspaces } from '../src/workspaces/create-workspaces.js';
import type { Workspaces } from '../src/workspaces/workspaces.js';

/** A project as its WORKFLOW.md describes it now, with what works for it. */
export interface Project {
  dir: string;
  config: Config;
  promptTemplate: string | undefined;
  /** Where the template stands, for errors in it. */
  promptSource: { file: string; startLine: number };
  tracker: Tracker;
  workspaces: Workspaces;
  /** For land.strategy pr. */
  reviews?: Reviews;
  /** True once each polling interval: a look at reviews asks others' servers. */
  areReviewsDue(): boolean;
  /** The agent for an issue, as it was chosen when the issue was claimed; absent: the one that the configuration names. */
  agentFor(choice?: AgentChoice): Agent;
  /** See choose-agent.ts. With `--agent` every issue gets that command, whatever it says. */
  chooseAgent(issue: Pick<Issue, 'id' | 'description' | 'labels'>): AgentChoice;
  settings: RunSettings;
  /** Ids that a call of this process has chosen and is claiming. */
  setAside: Set<string>;
  /** One after the other, in the order of the calls. */
  inTurn<T>(action: () => Promise<T>): Promise<T>;
}

export interface Projects {
  /**
   * Read afresh when the file changed, so that an edit applies to what starts next. A broken edit keeps the last good one.
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
      const entry = { version, project: load(projectDir, file, agentCommand) };
      opened.set(key, entry);
      try {
        return await entry.project;
      } catch (error) {
        if (opened.get(key) === entry) {
          if (known) opened.set(key, known);
          else opened.delete(key);
        }
        if (known === undefined) throw error;
        return known.project;
      }
    },
  };
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
    settings: settingsOf(config, {
      agentLabel: createAgent(usual, config).label,
      agentKinds: kindsOf(config, agentCommand),
    }),
    setAside: new Set(),
    inTurn: createTurns(),
  };
}

/** An issue's text may ask for any kind, unless one command is to do everything. */
function kindsOf({ agent }: Config, agentCommand: string | undefined): AgentKind[] {
  if (agentCommand !== undefined) return ['shell'];
  return AGENT_KINDS.filter((kind) => kind !== 'shell' || agent.command !== undefined);
}

function settingsOf(config: Config, agents: Pick<RunSettings, 'agentLabel' | 'agentKinds'>): RunSettings {
  return {
    pollIntervalMs: config.polling.interval_ms,
    pollGiveUpMs: config.polling.give_up_after_ms,
    maxAttempts: config.agent.max_attempts,
    maxRetryBackoffMs: config.agent.max_retry_backoff_ms,
    maxTurns: config.agent.max_turns,
    ...agents,
    verifies: config.workspace.kind === 'worktree' || config.verify.commands.length > 0,
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
