import pc from 'picocolors';
import { expect, test } from 'vitest';
import { renderStatus } from '../../../src/cli/views/render-status.js';
import type { RunSnapshot } from '../../../src/contract/run.js';
import { aSnapshot } from './snapshot.js';

const now = new Date(2026, 0, 2, 12, 0, 0).getTime();
const after = (seconds: number): string => new Date(now + seconds * 1000).toISOString();

function statusOf(changes: Partial<RunSnapshot>): string[] {
  const snapshot = aSnapshot(changes);
  const rest = { columns: 120, webUrl: null, note: undefined, colors: pc.createColors(false) };
  return renderStatus({ snapshot, now, ...rest, showPath: (path) => path });
}

test('each planned attempt, when it is due and why', () => {
  const retries = [
    { id: 'k-1', title: '', attempt: 2, dueAt: after(10), reason: 'exit 3' },
    { id: 'k-2', title: '', attempt: 3, dueAt: after(-1), reason: 'a conflict' },
  ];
  const lines = statusOf({ retries });
  expect(lines).toContain(' k-1 is tried again (#2) at 12:00:10: exit 3');
  expect(lines).toContain(' k-2 is tried again (#3) as soon as it has a slot: a conflict');
});

test('when the usage limit of each kind ends, with the day if that is another one, and nothing of one that has ended', () => {
  const lines = statusOf({
    usageLimits: [
      { kind: 'claude', until: after(3_600), reason: '5 hours' },
      { kind: 'codex', until: after(3 * 86_400), reason: 'weekly' },
      { kind: 'shell', until: after(-1), reason: 'over' },
    ],
  });
  expect(lines).toContain(' claude: usage limit until 13:00:00: 5 hours');
  expect(lines).toContain(' codex: usage limit until Jan 05 12:00:00: weekly');
  expect(lines.join()).not.toContain('over');
});
