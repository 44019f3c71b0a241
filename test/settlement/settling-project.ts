import { ApplicationFailure } from '@temporalio/activity';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFetchReadyIssues } from '../../activities/fetch-ready-issues.js';
import { createFinalizeIssue } from '../../activities/finalize-issue.js';
import { createProjects, type Projects } from '../../activities/projects.js';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import type { FetchRequest, FinalizeAnswer, ReadyPage, Settlement } from '../../src/contract/activities.js';
import { cleanLeftovers, findLeftovers } from '../../src/leftovers/find-leftovers.js';
import type { Tracker } from '../../src/trackers/tracker.js';
import { readTracker, writeBacklog, type BacklogIssue } from '../integration/harness/backlog.js';
import { Project } from '../workspaces/project.js';

const CALLS = ['list', 'claim', 'release', 'close', 'adopt'] as const;
type Call = (typeof CALLS)[number];

/** How a call of the tracker goes: done, not done, or done and its answer is lost. */
export type Fate = 'done' | 'fails' | 'answer lost';

/** Finalizes issues for real, with a tracker that fails as a test says. */
export class SettlingProject extends Project {
  /** Asked at each call of the tracker, numbered from 1. */
  fate: (call: Call, number: number) => Fate = () => 'done';
  /** All calls so far. */
  readonly calls: Call[] = [];

  static async make(issues: BacklogIssue[], kind: 'worktree' | 'directory' = 'directory'): Promise<SettlingProject> {
    const project = new SettlingProject({ workspace: { kind } });
    const settings = `---\nagent: {command: 'true'}\nworkspace: {kind: ${kind}}\n---\n`;
    writeFileSync(join(project.dir, 'WORKFLOW.md'), settings);
    writeBacklog(project.dir, issues);
    if (kind === 'worktree') project.start();
    await project.workspaces().prepareRun();
    return project;
  }

  /** What a run does until an issue is to be finalized. */
  async work(id: string, runId = 'run-1'): Promise<void> {
    await this.fetch({ take: 1, selection: { ...this.request().selection, only: [id] } }, runId);
    mkdirSync(attemptFolder(this.dir, runId, id, 1), { recursive: true });
  }

  finalize(issueId: string, settlement: Settlement): Promise<FinalizeAnswer> {
    const run = { runId: 'run-1', project: 'p', projectDir: this.dir };
    const issue = { issueId, issueTitle: issueId, attempt: 1, resumption: 0 };
    return createFinalizeIssue(this.projects())({ run, ...issue, settlement });
  }

  /** As the workflow does it: again and again. Answers what was said of the failures, and the answer. */
  async finalizePatiently(issueId: string, settlement: Settlement) {
    const failures: ApplicationFailure[] = [];
    for (;;) {
      try {
        return { answer: await this.finalize(issueId, settlement), failures };
      } catch (error) {
        if (!(error instanceof ApplicationFailure) || failures.length === 20) throw error;
        failures.push(error);
      }
    }
  }

  fetch(change: Partial<FetchRequest> = {}, runId = 'run-1'): Promise<ReadyPage> {
    return createFetchReadyIssues(this.projects())({ ...this.request(runId), ...change });
  }

  /** The start of another run, when this one is gone. */
  async clean(): Promise<string[]> {
    return cleanLeftovers(await this.leftoversContext());
  }

  async listLeftovers(): Promise<string[]> {
    const found = await findLeftovers(await this.leftoversContext());
    return found.map(({ kind, what, plan, how }) => `${kind} ${what}: ${plan}, ${how}`);
  }

  /** Without times and folders, which differ. */
  tracked(): Record<string, object> {
    const issues = [...readTracker(this.dir)].map(([id, issue]) => {
      const { status, labels, notes = '', close_reason: reason = '', garland_claim: claim } = issue;
      return [
        id,
        { status, labels, notes: notes.replaceAll(this.dir, ''), reason, claimed: claim !== undefined },
      ] as const;
    });
    return Object.fromEntries(issues);
  }

  unwritten(): string[] {
    const folder = join(this.dir, '.garland', 'unwritten');
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  private async leftoversContext() {
    const project = await this.projects().open({ projectDir: this.dir });
    return { ...project, project: 'p', keepsClaims: false, isRunGoingOn: async () => false };
  }

  request(runId = 'run-1'): FetchRequest {
    return {
      run: { runId, project: 'p', projectDir: this.dir },
      selection: { only: [], order: 'priority', wip_first: false, orphans_only: false, retry_failed: false },
      exclude: [],
      handled: [],
      limit: 500,
      take: 5,
      offers: true,
      recovers: true,
      watch: [],
    };
  }

  private readonly real = createProjects();

  private projects(): Projects {
    return {
      open: async (run) => {
        const project = await this.real.open(run);
        return { ...project, tracker: this.failing(project.tracker) };
      },
    };
  }

  private failing(tracker: Tracker): Tracker {
    const wrapped = CALLS.map((call) => {
      const method = tracker[call].bind(tracker) as (...args: unknown[]) => Promise<unknown>;
      return [call, (...args: unknown[]) => this.call(call, () => method(...args))] as const;
    });
    return { ...tracker, ...Object.fromEntries(wrapped) };
  }

  private async call(call: Call, real: () => Promise<unknown>): Promise<unknown> {
    this.calls.push(call);
    const fate = this.fate(call, this.calls.length);
    if (fate === 'fails') throw new Error(`no ${call}`);
    const answer = await real();
    if (fate === 'answer lost') throw new Error(`the answer to ${call} is lost`);
    return answer;
  }
}
