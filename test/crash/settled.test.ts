import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { GarlandClient } from '../../src/temporal/client.js';
import { resolveConnection } from '../../src/temporal/connection.js';
import { alikeIssues } from '../integration/harness/backlog.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { withProject } from '../integration/harness/with-project.js';

const issues = alikeIssues(1, { seconds: 'go', does: 'commit' });
const settings = { polling: { interval_ms: 60_000 } };

it('tells no event that the run has not got to, when a worker has died and the next is asked', async () => {
  await withProject({ kind: 'worktree', issues, settings }, async (project) => {
    const run = project.run();
    await run.waitForEvent('waiting_for_agents');
    const next = project.garland('worker');
    await waitFor('another worker is there', () => next.out !== '');
    await run.kill('SIGKILL');

    const client = await GarlandClient.connect(await resolveConnection({ env: project.env, start: false }));
    try {
      const handle = client.handle(project.name);
      // What comes now waits 3 s for the dead worker: the question, and then what is to happen. So the next worker is asked first, with
      // a history that has in it already what is to happen.
      const asked = handle.events(0).then(
        ({ events }) => events,
        // Nobody could say in time, which is no lie.
        () => [],
      );
      await sleep(1000);
      await handle.abort('enough');
      const told = await asked;
      await handle.result();
      const { events } = await waitFor('all events', () => handle.events(0).catch(() => undefined));
      expect(told).toEqual(events.slice(0, told.length));
    } finally {
      await client.close();
    }
    expect(await next.kill('SIGTERM')).toMatchObject({ code: 0 });
    expect(next.out).not.toContain('warn');
  });
}, 180_000);
