import { readFileSync } from 'node:fs';
import { readTracker } from '../integration/harness/backlog.js';
import { fingerprintCheckout } from '../integration/harness/checkout.js';
import { findJobProcesses } from '../integration/harness/processes.js';
import type { Project } from '../integration/harness/project.js';
import { Keeper } from './keeper.js';
import type { Round } from './draw-round.js';

/** A round while it is played: what faults do something to, and what they tell of it. */
export class Scene {
  readonly keeper: Keeper;
  /** What happened when, for whoever has to find out what went wrong. */
  readonly story: string[] = [];
  /** Issues whose agents, gates or workspaces a fault has touched: what becomes of them isn't known beforehand. */
  readonly disturbed = new Set<string>();
  /** Issues of which a landing was taken off the branch: it comes back with work that was begun on top of it. */
  readonly rewound = new Set<string>();
  /** What a person wrote into the tracker, and must be found there in the end: ids, each with a field. */
  readonly handEdits: { id: string; field: string }[] = [];
  /** Locks that a fault has left, with their content; if nobody needed them any more, they may stay. */
  readonly leftLocks = new Map<string, string>();
  /** What must be undone whatever happens, last first. */
  readonly repairs: (() => void | Promise<void>)[] = [];
  private checkout: Record<string, string>;

  constructor(
    readonly project: Project,
    readonly round: Round,
  ) {
    this.keeper = new Keeper(project, round, (line) => this.tell(line));
    this.checkout = this.lookAtCheckout();
  }

  tell(line: string): void {
    this.story.push(`${(performance.now() / 1000).toFixed(3)} ${line}`);
  }

  /** Issues that processes of garland's jobs work on right now. */
  touchJobs(isTouched: (pid: number) => boolean = () => true): void {
    for (const { pid } of findJobProcesses(this.project.dir)) {
      const issue = isTouched(pid) ? issueOf(pid, this.project.dir) : undefined;
      if (issue !== undefined) this.disturbed.add(issue);
    }
  }

  /** Issues that are being worked on in whichever way. */
  touchActive(): void {
    this.touchJobs();
    try {
      for (const { id, status } of readTracker(this.project.dir).values()) {
        if (status === 'in_progress') this.disturbed.add(id);
      }
    } catch {
      // Another fault has just made it unreadable; the next look comes soon.
    }
  }

  /** What the user changes in the checkout is no change of garland's, but what came before it would be. */
  changeCheckout(change: () => void): void {
    this.expectCheckout();
    change();
    this.checkout = this.lookAtCheckout();
  }

  expectCheckout(): void {
    const now = this.lookAtCheckout();
    const paths = new Set([...Object.keys(now), ...Object.keys(this.checkout)]);
    const changed = [...paths].filter((path) => now[path] !== this.checkout[path]);
    if (changed.length > 0) throw new Error(`the user's checkout was changed: ${changed.join(', ')}`);
  }

  /** Agents in a directory work in the user's own files. */
  private lookAtCheckout(): Record<string, string> {
    if (this.round.kind === 'directory') return {};
    // The tracker, and what is written beside it in between.
    const files = Object.entries(fingerprintCheckout(this.project)).filter(([path]) => !path.startsWith('.beads'));
    return Object.fromEntries(files);
  }

  async repair(): Promise<void> {
    for (let next = this.repairs.pop(); next; next = this.repairs.pop()) await next();
  }
}

/** `<project>/.garland/runs/<run>/<issue>/<attempt>…` */
function issueOf(pid: number, dir: string): string | undefined {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    const folder = entries.find((entry) => entry.startsWith(`GARLAND_JOB=${dir}/`));
    return folder?.slice(`GARLAND_JOB=${dir}/`.length).split('/')[3];
  } catch {
    return undefined;
  }
}
