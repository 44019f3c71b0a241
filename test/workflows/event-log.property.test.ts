import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent, RunEventBody } from '../../src/contract/events.js';
import type { EventsPage } from '../../src/contract/run.js';
import { EventLog } from '../../workflows/event-log.js';

const ids = fc.array(fc.constantFrom('a', 'b', '__proto__'), { minLength: 1, maxLength: 400 });
const body: fc.Arbitrary<RunEventBody> = fc.oneof(
  fc.record({ event: fc.constant('waiting_for_agents' as const), count: fc.nat(5) }),
  fc.record({ event: fc.constant('warning' as const), message: fc.string() }),
  fc.record({ event: fc.constant('ready_issues' as const), ids }),
);
/** What each execution of a run tells; some tell nothing. */
const executions = fc.array(fc.array(body, { maxLength: 1_500, size: 'max' }), { minLength: 1, maxLength: 5 });

test('seq counts from 1 without a gap across continue-as-new, and whoever reads from anywhere gets all that follows', () => {
  fc.assert(
    fc.property(executions, fc.nat(), (told, from) => {
      const logs = tell(told);
      const all = told.flat();
      const after = from % (all.length + 1);
      const events = readAll(logs, after);
      expect(events.map(({ seq }) => seq)).toEqual(all.slice(after).map((_, index) => after + index + 1));
      expect(events).toMatchObject(all.slice(after));
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('what was told last is known after continue-as-new', () => {
  fc.assert(
    fc.property(executions, (told) => {
      const last = told.flat().at(-1);
      expect(tell(told).at(-1)?.last).toEqual(last && expect.objectContaining({ ...last, seq: told.flat().length }));
    }),
    { numRuns: 20 },
  );
}, 60_000);

function tell(told: RunEventBody[][]): EventLog[] {
  const logs: EventLog[] = [];
  for (const bodies of told) {
    const before = logs.at(-1);
    const last = before?.last && (JSON.parse(JSON.stringify(before.last)) as RunEvent);
    const log = new EventLog(before?.seq ?? 0, before ? String(logs.length - 1) : null, last);
    for (const each of bodies) log.append(each);
    logs.push(log);
  }
  return logs;
}

/** As RunHandle does it: from the current execution back to the one that holds what follows. */
function readAll(logs: EventLog[], after: number): RunEvent[] {
  const events: RunEvent[] = [];
  for (;;) {
    const seen = events.at(-1)?.seq ?? after;
    let page: EventsPage | undefined = logs.at(-1)?.page(seen);
    while (page && page.firstSeq > seen + 1 && page.previousRunId !== null) {
      page = logs[Number(page.previousRunId)]?.page(seen);
    }
    if (!page || page.events.length === 0) return events;
    events.push(...page.events);
  }
}
