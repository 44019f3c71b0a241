import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import { cleanLeftovers, findLeftovers } from '../../src/leftovers/find-leftovers.js';
import type { LeftoversContext } from '../../src/leftovers/leftover.js';
import { isAlive } from '../../src/processes/identity.js';
import { startJob, stopJob } from '../../src/processes/job.js';
import { readProcessTable } from '../../src/processes/process-table.js';
import { createBeadsJsonlTracker } from '../../src/trackers/beads-jsonl.js';
import { begin, NEVER, Project, work } from '../workspaces/project.js';

const DAY = 86_400_000;

/** A project with a tracker, in which runs have left things behind. Processes that a test leaves fail it. */
export class LeftProject extends Project {
  readonly workspaceSet = this.workspaces();
  /** Runs that go on. A name that isn't told of: its run is gone. */
  readonly open = new Set<string>();
  isServerThere = true;
  /** Added to the real time. */
  days = 0;

  constructor(config: Record<string, unknown> = {}) {
    super(config);
    projects.push(this);
  }

  issues(statuses: Record<string, string | object>): this {
    const lines = Object.entries(statuses).map(([id, fields]) => {
      const time = '2026-01-01T00:00:00Z';
      const issue = {
        id,
        title: `Title of ${id}`,
        priority: 1,
        issue_type: 'task',
        created_at: time,
        updated_at: time,
      };
      return JSON.stringify({ ...issue, ...(typeof fields === 'string' ? { status: fields } : fields) });
    });
    mkdirSync(join(this.dir, '.beads'), { recursive: true });
    writeFileSync(join(this.dir, '.beads/issues.jsonl'), `${lines.join('\n')}\n`);
    return this;
  }

  status(id: string): string | undefined {
    const lines = readFileSync(join(this.dir, '.beads/issues.jsonl'), 'utf8').trim().split('\n');
    return lines.map((line): { id: string; status: string } => JSON.parse(line)).find((issue) => issue.id === id)
      ?.status;
  }

  begin(issueId: string): Promise<string> {
    return begin(this, this.workspaceSet, issueId);
  }

  keepProgress(issueId: string): Promise<string[]> {
    return this.workspaceSet.keepProgress(work(issueId), NEVER);
  }

  async land(issueId: string): Promise<void> {
    const verdict = await this.workspaceSet.verify(work(issueId), this.options());
    if (!verdict.accepted) throw new Error(verdict.reason);
  }

  /** An agent that goes on until it is stopped. */
  async agent(runId: string, issueId: string, ...argv: [string, ...string[]] | []): Promise<string> {
    const folder = attemptFolder(this.dir, runId, issueId, 1);
    const [program = 'sleep', ...args] = argv.length > 0 ? argv : ['sleep', '300'];
    await startJob(folder, { argv: [program, ...args], cwd: this.dir, env: { PATH: process.env.PATH ?? '' } });
    return folder;
  }

  /** A folder of an attempt that says that it is run by this process of ours, which another one began with the same pid. */
  reusedPid(runId: string, issueId: string): string {
    const folder = attemptFolder(this.dir, runId, issueId, 1);
    mkdirSync(folder, { recursive: true });
    symlinkSync(`${process.pid}:1:another-boot`, join(folder, 'pid'));
    return folder;
  }

  age(path: string, days: number): void {
    const then = new Date(Date.now() - days * DAY);
    utimesSync(path, then, then);
  }

  find() {
    return findLeftovers(this.context());
  }

  /** `kind what: plan` of each, with the project's folder cut off. */
  async list(): Promise<string[]> {
    return (await this.find()).map(({ kind, what, plan }) => `${kind} ${this.cut(what)}: ${plan}`);
  }

  async clean(options?: { withinMs?: number }): Promise<string[]> {
    return (await cleanLeftovers(this.context(), options)).map((line) => this.cut(line));
  }

  cut(text: string): string {
    return text.replaceAll(`${this.dir}/`, '').replaceAll(/process \d+/g, 'process');
  }

  context(): LeftoversContext {
    return {
      dir: this.dir,
      config: this.config,
      tracker: createBeadsJsonlTracker({ projectDir: this.dir, path: this.config.tracker.path }),
      workspaces: this.workspaceSet,
      reviews: undefined,
      project: 'p',
      keepsClaims: false,
      now: () => new Date(Date.now() + this.days * DAY),
      isRunGoingOn: async (project, runId) => {
        if (!this.isServerThere) throw new Error('no server');
        return this.open.has(`${project}/${runId}`);
      },
    };
  }
}

const projects: LeftProject[] = [];
const atWork: string[] = [];

/** For agents that a test is to leave at work. */
export function stopAtEnd(...folders: string[]): void {
  atWork.push(...folders);
}

afterEach(async () => {
  for (const folder of atWork.splice(0)) await stopJob(folder, { graceMs: 100, reason: 'the test is over' });
  const dirs = projects.splice(0).map(({ dir }) => dir);
  const left = (await readProcessTable()).filter(({ job }) => dirs.some((dir) => job?.startsWith(dir)));
  for (const { identity } of left) if (isAlive(identity)) process.kill(identity.pid, 'SIGKILL');
  if (left.length > 0) throw new Error(`left running: ${JSON.stringify(left)}`);
});
