import type { RunEvent, RunEventBody } from '../src/contract/events.js';
import type { EventsPage } from '../src/contract/run.js';

/** Keeps an answer well under the server's 2 MB for a payload. */
const PAGE_EVENTS = 1000;
const PAGE_IDS = 50_000;

/** The run's events, numbered from 1 without a gap, across continue-as-new. */
export class EventLog {
  private readonly events: RunEvent[] = [];
  /** Of hundreds of issues that are ready most are told again each time: one text for all of it. */
  private readonly ids = new Map<string, string>();

  constructor(
    private lastSeq: number,
    private readonly previousRunId: string | null,
    /** The last event of the execution before this one. */
    private readonly lastBefore?: RunEvent,
  ) {}

  get last(): RunEvent | undefined {
    return this.events.at(-1) ?? this.lastBefore;
  }

  get seq(): number {
    return this.lastSeq;
  }

  append(body: RunEventBody): void {
    this.lastSeq += 1;
    const kept = body.event === 'ready_issues' ? { ...body, ids: body.ids.map((id) => this.keepOnce(id)) } : body;
    this.events.push({ seq: this.lastSeq, time: new Date().toISOString(), ...kept });
  }

  private keepOnce(id: string): string {
    const known = this.ids.get(id);
    if (known === undefined) this.ids.set(id, id);
    return known ?? id;
  }

  page(after: number): EventsPage {
    const firstSeq = this.lastSeq - this.events.length + 1;
    const events: RunEvent[] = [];
    let ids = 0;
    for (const event of this.events.slice(Math.max(0, after - firstSeq + 1))) {
      ids += event.event === 'ready_issues' ? event.ids.length : 1;
      if (events.length > 0 && (events.length >= PAGE_EVENTS || ids > PAGE_IDS)) break;
      events.push(event);
    }
    return { events, firstSeq, lastSeq: this.lastSeq, previousRunId: this.previousRunId };
  }
}
