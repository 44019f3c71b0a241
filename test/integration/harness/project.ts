import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { RunEvent } from '../../../src/contract/events.js';
import type { RunSnapshot } from '../../../src/contract/run.js';
import { readAgentLog, type AgentLog, type AgentSpan } from './agent-log.js';
import { readTracker, writeBacklog, writePlans, type BacklogIssue, type TrackedIssue } from './backlog.js';
import { GarlandProcess, type Ended } from './garland-process.js';
import { waitFor } from './wait-for.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/integration/${name}`, import.meta.url));

export type Settings = Record<string, Record<string, unknown>>;

export interface ProjectOptions {
  kind: 'worktree' | 'directory';
  issues: readonly BacklogIssue[];
  /** Sections of WORKFLOW.md, over those that every project here has. */
  settings?: Settings;
  /** fixtures/integration/gate.sh as gate. @default false */
  gate?: boolean;
  /** A Temporal server of its own, which the test may kill: garland's embedded one. @default the tests' shared one */
  ownServer?: boolean;
  files?: Record<string, string>;
  /** Called when the project's folders are there, with nothing in them yet. */
  onFolders?: (folders: { top: string; dir: string; log: string }) => void;
}

/** A project in a temporary folder of its own, with a user of its own. */
export class Project {
  /** Everything of the test lies in there. */
  readonly top = realpathSync(mkdtempSync(join(tmpdir(), 'garland-whole-')));
  readonly dir = join(this.top, 'project');
  /** What agents and gates are to do, and what they tell. */
  readonly log = join(this.top, 'log');
  readonly name = basename(this.top);
  readonly garlands: GarlandProcess[] = [];
  /** The commit that the project began with. */
  readonly base: string = '';

  private constructor(
    private readonly options: ProjectOptions,
    readonly env: NodeJS.ProcessEnv,
  ) {
    for (const folder of ['project', 'home', 'state', 'cache', 'log/working']) {
      mkdirSync(join(this.top, folder), { recursive: true });
    }
    options.onFolders?.(this);
    Object.assign(env, {
      HOME: join(this.top, 'home'),
      XDG_STATE_HOME: join(this.top, 'state'),
      XDG_CACHE_HOME: join(this.top, 'cache'),
    });
    this.writeSettings();
    writeBacklog(this.dir, options.issues);
    writePlans(this.log, options.issues);
    for (const [path, content] of Object.entries(options.files ?? {})) writeFileSync(join(this.dir, path), content);
    if (options.kind === 'worktree') this.base = this.startRepository();
  }

  static async make(options: ProjectOptions): Promise<Project> {
    return new Project(options, await makeEnvironment(options.ownServer ?? false));
  }

  get ownServer(): boolean {
    return this.options.ownServer ?? false;
  }

  /** Writes WORKFLOW.md, with these sections over those that it had from the start. */
  writeSettings(more: Settings = {}): void {
    const { kind, gate = false, settings = {} } = this.options;
    const given: Settings = {
      agent: { command: `sh '${fixture('agent.sh')}' '${this.log}'`, max_retry_backoff_ms: 1, stop_grace_ms: 2000 },
      workspace: { kind },
      polling: { interval_ms: 500, give_up_after_ms: 60_000 },
      ...(gate && { verify: { commands: [`sh '${fixture('gate.sh')}' '${this.log}'`] } }),
    };
    const merged: Record<string, unknown> = { project: this.name };
    for (const section of new Set([given, settings, more].flatMap(Object.keys))) {
      merged[section] = { ...given[section], ...settings[section], ...more[section] };
    }
    writeFileSync(join(this.dir, 'WORKFLOW.md'), `---\n${stringify(merged)}---\n`);
  }

  garland(...args: string[]): GarlandProcess {
    return this.garlandIn(this.dir, ...args);
  }

  garlandIn(cwd: string, ...args: string[]): GarlandProcess {
    const garland = new GarlandProcess(args, { cwd, env: this.env });
    this.garlands.push(garland);
    return garland;
  }

  run(...flags: string[]): GarlandProcess {
    return this.garland('run', '--json', ...flags);
  }

  async runToEnd(...flags: string[]): Promise<Ended> {
    return this.run(...flags).ended;
  }

  /** Lets agents end that wait for it, those still to come as well. */
  letGo(): void {
    writeFileSync(join(this.log, 'go'), '');
  }

  /** From another process, as a person would look. Null when there never was a run. */
  async status(): Promise<RunSnapshot | null> {
    const status = this.garland('status', '--json');
    const { code } = await status.ended;
    if (code !== 0) throw new Error(`garland ${status.describe()}`);
    return JSON.parse(status.out) as RunSnapshot | null;
  }

  /** The events of the last run, from another process. */
  async readEvents(): Promise<RunEvent[]> {
    const status = this.garland('status', '--json', '--events');
    await status.ended;
    return status.events;
  }

  /** Until so many agents have started in all. */
  async waitForStarts(count: number): Promise<AgentSpan[]> {
    return waitFor(`${count} agents have started`, () => {
      const { starts } = this.agentLog();
      return starts.length >= count && starts;
    });
  }

  /** Agents that have got as far as their work. */
  countWorking(): number {
    return readdirSync(join(this.log, 'working')).length;
  }

  agentLog(): AgentLog {
    return readAgentLog(this.log);
  }

  issues(): Map<string, TrackedIssue> {
    return readTracker(this.dir);
  }

  git(...args: string[]): string {
    const env = { ...this.env, GIT_OPTIONAL_LOCKS: '0' };
    return execFileSync('git', args, { cwd: this.dir, env, encoding: 'utf8', stdio: 'pipe' }).trimEnd();
  }

  /** Subjects of what lies on the integration branch and wasn't there from the start, sorted. */
  landed(): string[] {
    const log = this.git('log', '--no-merges', '--format=%s', `${this.base}..garland/integration`);
    return log === '' ? [] : log.split('\n').toSorted();
  }

  /** What agents have made on the integration branch, as its tree's id. */
  landedWork(): string {
    return this.git('rev-parse', 'garland/integration:work');
  }

  private startRepository(): string {
    this.git('init', '--quiet', '--initial-branch=main');
    writeFileSync(join(this.dir, 'README.md'), 'a project\n');
    this.git('add', '--all');
    this.git('commit', '--quiet', '-m', 'base');
    return this.git('rev-parse', 'HEAD');
  }
}

/** Nothing of this machine's user, and of the tests' server what the project is to have. */
async function makeEnvironment(ownServer: boolean): Promise<NodeJS.ProcessEnv> {
  const { PATH, TMPDIR, TEMPORAL_ADDRESS, TEMPORAL_CLI_PATH } = process.env;
  return {
    PATH,
    ...(TMPDIR !== undefined && { TMPDIR }),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'User',
    GIT_AUTHOR_EMAIL: 'user@example.org',
    GIT_COMMITTER_NAME: 'User',
    GIT_COMMITTER_EMAIL: 'user@example.org',
    TEMPORAL_CLI_PATH,
    ...(ownServer ? { GARLAND_SERVER_PORT: String(await findFreePort()) } : { TEMPORAL_ADDRESS }),
  };
}

/** Keeps off 7233, where a developer's own server may start while the tests run. */
async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
