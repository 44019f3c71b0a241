import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { createFetchReadyIssues } from '../../activities/fetch-ready-issues.js';
import { createFinalizeIssue } from '../../activities/finalize-issue.js';
import { createProjects, type Project as OpenProject } from '../../activities/projects.js';
import { publishWork } from '../../activities/publish-work.js';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import type { FetchRequest, ReadyPage, Settlement } from '../../src/contract/activities.js';
import type { Verdict } from '../../src/contract/outcomes.js';
import { servePulls, type PullServer } from '../github-server/pull-routes.js';
import { startGitHubServer, type GitHubServer } from '../github-server/server.js';
import { makeRepository, type Repository } from '../github-server/state.js';
import { readTracker, writeBacklog, type BacklogIssue } from '../integration/harness/backlog.js';
import { commitIn, gitIn, NEVER, Project, tryGitIn } from '../workspaces/project.js';

export const BRANCH = 'garland/issue/A1';

/** A project whose work goes to a bare repository as its remote, with GitHub's API beside it unless it has none. */
export class ReviewScene extends Project {
  readonly bare = join(this.top, '..', 'remote.git');
  readonly other = join(this.top, '..', 'other');
  server!: GitHubServer;
  pulls!: PullServer;
  private readonly projects = createProjects();

  static async make(issues: BacklogIssue[], options: Partial<SceneOptions> = {}): Promise<ReviewScene> {
    const scene = new ReviewScene().start();
    await scene.begin({ github: true, land: '', verify: '[]', tracker: 'beads-jsonl', ...options });
    writeBacklog(scene.dir, issues);
    await (await scene.open()).workspaces.prepareRun();
    return scene;
  }

  /** The issues are the repository's own. */
  static async onGitHub(seed: (repository: Repository) => void): Promise<ReviewScene> {
    const scene = await ReviewScene.make([], { tracker: 'github' });
    seed(scene.repository);
    return scene;
  }

  get repository(): Repository {
    return this.server.repositories[0]!;
  }

  private async begin({ github, land, verify, tracker }: SceneOptions): Promise<void> {
    gitIn(this.top, 'clone', '--quiet', '--bare', this.top, this.bare);
    this.git('remote', 'add', 'origin', this.bare);
    gitIn(this.top, 'clone', '--quiet', this.bare, this.other);
    const repository = makeRepository('shop', 'api');
    repository.access.set('me', 'write');
    this.pulls = servePulls(repository, (branch) => tryGitIn(this.bare, 'rev-parse', `refs/heads/${branch}`));
    this.server = await startGitHubServer({ routes: this.pulls.routes });
    onTestFinished(() => this.server.close());
    this.server.repositories.push(repository);
    this.server.tokens.set('planted-token', 'me');
    vi.stubEnv('GITHUB_TOKEN', 'planted-token');
    onTestFinished(() => void vi.unstubAllEnvs());
    const where = github ? `repository: shop/api, endpoint: '${this.server.url}', ` : '';
    const lines = [
      "agent: {command: 'true'}",
      `land: {strategy: pr, ${where}${land}}`,
      ...(tracker === 'github'
        ? [`tracker: {kind: github, endpoint: '${this.server.url}', provider: {repository: shop/api}}`]
        : []),
      `verify: {commands: ${verify}}`,
      'polling: {interval_ms: 1}',
    ];
    writeFileSync(join(this.dir, 'WORKFLOW.md'), `---\n${lines.join('\n')}\n---\n`);
  }

  open(): Promise<OpenProject> {
    return this.projects.open({ projectDir: this.dir });
  }

  fetch(take = 0): Promise<ReadyPage> {
    return createFetchReadyIssues(this.projects)({ ...REQUEST, run: this.run, take });
  }

  /** An agent's whole attempt at an issue that was fetched, as far as its verdict. */
  async work(issueId: string, files: Record<string, string>, { attempt = 1, said = 'Done.' } = {}): Promise<Verdict> {
    const { workspaces } = await this.open();
    const directory = attemptFolder(this.dir, 'run-1', issueId, attempt);
    const { path } = await workspaces.ensure({ issueId, issueTitle: 'Sum up' }, {}, directory, NEVER);
    commitIn(path, `${issueId}: work`, files);
    return this.verify(issueId, { attempt, said });
  }

  async verify(issueId: string, { attempt = 1, said = 'Done.' } = {}): Promise<Verdict> {
    const project = await this.open();
    const request = { run: this.run, issueId, issueTitle: 'Sum up', attempt, resumption: 0, noChange: false, said };
    const directory = attemptFolder(this.dir, 'run-1', issueId, attempt);
    const options = { directory, env: {}, noChange: false, signal: NEVER };
    const verdict = await project.workspaces.verify({ issueId, issueTitle: 'Sum up' }, options);
    return publishWork(project, request, verdict);
  }

  finalize(issueId: string, settlement: Settlement) {
    const request = { run: this.run, issueId, issueTitle: 'Sum up', attempt: 1, resumption: 0, settlement };
    return createFinalizeIssue(this.projects)(request);
  }

  /** What a person changes in an issue, behind garland's back. */
  edit(id: string, fields: object): void {
    const file = join(this.dir, '.beads/issues.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    const issues = lines.map((line) => JSON.parse(line) as { id: string });
    const edited = issues.map((issue) => (issue.id === id ? { ...issue, ...fields } : issue));
    writeFileSync(file, edited.map((issue) => `${JSON.stringify(issue)}\n`).join(''));
  }

  /** What the tracker has of an issue. */
  tracked(id: string) {
    const { status, labels = [], notes = '', close_reason: reason } = readTracker(this.dir).get(id) ?? {};
    return { status, labels, notes, reason };
  }

  /** People merge the branch at the remote. */
  mergeBranch(branch: string, ...options: string[]): void {
    gitIn(this.other, 'fetch', '--quiet');
    gitIn(this.other, 'checkout', '--quiet', '-B', 'main', 'origin/main');
    gitIn(this.other, 'merge', '--quiet', ...options, `origin/${branch}`);
    if (options.includes('--squash')) gitIn(this.other, 'commit', '--quiet', '-m', 'squashed');
    gitIn(this.other, 'push', '--quiet', 'origin', 'main');
  }

  private get run() {
    return { runId: 'run-1', project: 'p', projectDir: this.dir };
  }
}

interface SceneOptions {
  /** Whether the remote has pull requests. */
  github: boolean;
  /** More of `land`. */
  land: string;
  /** `verify.commands` */
  verify: string;
  tracker: 'beads-jsonl' | 'github';
}

export function closing(verdict: Verdict): Settlement {
  const commit = verdict.accepted ? verdict.commit : undefined;
  return { kind: 'close', outcome: 'succeeded', reason: verdict.reason, commit };
}

const REQUEST: Omit<FetchRequest, 'run'> = {
  selection: { only: [], order: 'priority', wip_first: false, orphans_only: false, retry_failed: false },
  exclude: [],
  handled: [],
  limit: 500,
  take: 0,
  offers: true,
  recovers: true,
  watch: [],
};
