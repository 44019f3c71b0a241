import type { EventsPage } from '../contract/run.js';

/** Asks one execution of the run, the newest when none is named. Undefined: that execution is past the server's retention. */
export type AskForEvents = (after: number, runId?: string) => Promise<EventsPage | undefined>;

/** An execution that has continued as new. */
interface OlderExecution {
  runId: string;
  /** `seq` of its last event. */
  lastSeq: number;
}

/**
 * Finds the execution of a run that holds the wanted events. An answer may be a replay of a whole history, so that what was found out
 * on the way is kept: who reads in order asks each execution for its own pages alone.
 */
export class EventsReader {
  /** Those that are still to be read, the next one last. */
  private older: OlderExecution[] = [];
  private readUpTo = 0;
  private lastSeq = 0;

  constructor(private readonly ask: AskForEvents) {}

  /** Events with seq > after, a page. It begins later when the execution that held the next one isn't there any more. */
  async read(after: number): Promise<EventsPage> {
    // Somebody begins anew, perhaps with another run.
    if (after < this.readUpTo) this.older = [];
    this.readUpTo = after;
    while ((this.older.at(-1)?.lastSeq ?? Infinity) <= after) this.older.pop();
    let page = await this.askNext(after);
    while (page.firstSeq > after + 1 && page.previousRunId !== null) {
      const execution = { runId: page.previousRunId, lastSeq: page.firstSeq - 1 };
      const before = await this.ask(after, execution.runId);
      if (before === undefined) break;
      this.older.push(execution);
      page = before;
    }
    // Who has read up to there believes that there is no more.
    const isStale = (page.events.at(-1)?.seq ?? after) >= this.lastSeq && this.older.length > 0;
    return { ...page, lastSeq: isStale ? (await this.askNewest(Number.MAX_SAFE_INTEGER)).lastSeq : this.lastSeq };
  }

  private async askNext(after: number): Promise<EventsPage> {
    for (let next = this.older.at(-1); next !== undefined; next = this.older.at(-1)) {
      const page = await this.ask(after, next.runId);
      if (page !== undefined) return page;
      this.older.pop();
    }
    return this.askNewest(after);
  }

  private async askNewest(after: number): Promise<EventsPage> {
    const page = await this.ask(after);
    if (page === undefined) throw new Error('the newest execution is always there, or asking it fails');
    this.lastSeq = page.lastSeq;
    return page;
  }
}
