import type { RunEvent } from '../../src/contract/events.js';
import type { GarlandProcess } from '../integration/harness/garland-process.js';

/** The events of each run are the same for everybody who has seen them, in order, without a gap, and make sense. */
export function checkEvents(runs: readonly GarlandProcess[], maxAgents: number): string[] {
  const violations: string[] = [];
  const longest = new Map<string, RunEvent[]>();
  for (const { events, pid } of runs) {
    const [first] = events;
    if (first === undefined) continue;
    if (first.event !== 'run_started') violations.push(`the first event of garland run ${pid} is ${first.event}`);
    const gap = events.findIndex(({ seq }, index) => seq !== index + 1);
    if (gap !== -1) violations.push(`garland run ${pid} has seq ${events[gap]?.seq} at line ${gap + 1}`);
    const runId = first.event === 'run_started' ? first.runId : '';
    const known = longest.get(runId) ?? [];
    const differs = events.findIndex((event, at) => known[at] && JSON.stringify(known[at]) !== JSON.stringify(event));
    if (differs !== -1) violations.push(`event ${differs + 1} of run ${runId} isn't the same for everybody`);
    if (events.length > known.length) longest.set(runId, events);
  }
  for (const [runId, events] of longest) {
    violations.push(...checkRun(events, maxAgents).map((violation) => `run ${runId}: ${violation}`));
  }
  return violations;
}

/** One run, as far as it was seen. */
function checkRun(events: readonly RunEvent[], maxAgents: number): string[] {
  const violations: string[] = [];
  /** Attempts that have begun and neither ended nor been put off, by issue. */
  const active = new Map<string, number>();
  const started = new Set<string>();
  const finished = new Set<string>();
  const finalized = new Map<string, string>();
  for (const event of events) {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others say nothing of attempts
    switch (event.event) {
      case 'agent_started': {
        const { id, attempt } = event;
        if (started.has(`${id} ${attempt}`)) violations.push(`attempt ${attempt} of ${id} has begun twice`);
        if (finalized.has(id)) violations.push(`${id} has begun after its end`);
        if (active.has(id)) violations.push(`attempt ${attempt} of ${id} has begun beside attempt ${active.get(id)}`);
        started.add(`${id} ${attempt}`);
        active.set(id, attempt);
        if (active.size > maxAgents) violations.push(`${active.size} agents at ${event.seq}`);
        break;
      }
      case 'agent_finished': {
        const key = `${event.id} ${event.attempt}`;
        if (!started.has(key)) violations.push(`attempt ${key} has ended without a beginning`);
        if (finished.has(key)) violations.push(`attempt ${key} has ended twice`);
        finished.add(key);
        break;
      }
      case 'usage_limited':
        // It is begun anew, under the same number.
        started.delete(`${event.id} ${active.get(event.id)}`);
        finished.delete(`${event.id} ${active.get(event.id)}`);
        active.delete(event.id);
        break;
      case 'retry_scheduled':
        active.delete(event.id);
        break;
      case 'issue_finalized':
        if (finalized.has(event.id)) violations.push(`${event.id} was finalized twice`);
        finalized.set(event.id, event.outcome);
        active.delete(event.id);
        break;
      case 'run_finished': {
        const of = (...outcomes: string[]) =>
          [...finalized].filter(([, outcome]) => outcomes.includes(outcome)).map(([id]) => id);
        const differ = (one: string[], other: string[]) => one.toSorted().join() !== other.toSorted().join();
        if (differ(event.succeeded, of('succeeded', 'no_change'))) violations.push('run_finished: wrong succeeded');
        if (differ(event.failed, of('failed'))) violations.push('run_finished: wrong failed');
        if (active.size > 0) violations.push(`ended with ${[...active.keys()].join()} active`);
        if (event.seq !== events.length) violations.push('an event after run_finished');
        break;
      }
      default:
    }
  }
  return violations;
}
