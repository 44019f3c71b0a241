import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/contract/events.js';
import { RunHandle } from '../../src/temporal/run-handle.js';
import { openWorld, type ScriptedWorld } from '../workflows/scripted-world.js';
import { startGarland } from './project-folder.js';

/** A client that writes down which execution it asks. */
async function openClient(): Promise<{ client: Client; asked: (string | undefined)[] }> {
  const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] });
  onTestFinished(() => connection.close());
  const asked: (string | undefined)[] = [];
  const client = new Client({
    connection,
    interceptors: {
      workflow: [
        {
          query(input, next) {
            asked.push(input.workflowExecution.runId);
            return next(input);
          },
        },
      ],
    },
  });
  return { client, asked };
}

/** A run that has ended, in several executions. */
async function runThroughExecutions(): Promise<ScriptedWorld> {
  const world = await openWorld(Array.from({ length: 40 }, (_, index) => `i-${index}`));
  await (await world.start({ project_dir: '/project', max_agents: 4, history_limit: 100 })).result();
  return world;
}

async function readAll(handle: RunHandle): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await handle.events(events.at(-1)?.seq ?? 0);
    events.push(...page.events);
    if ((events.at(-1)?.seq ?? 0) >= page.lastSeq) return events;
  }
}

test(
  'who reads a run in order asks each of its executions for its own events alone',
  { timeout: 180_000 },
  async () => {
    const { project } = await runThroughExecutions();
    const { client, asked } = await openClient();
    const events = await readAll(new RunHandle(client, project));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    const executions = new Set(asked).size;
    expect(executions).toBeGreaterThanOrEqual(4);
    // Once on the way back to the first one, and once for what it holds.
    expect(asked.length).toBeLessThanOrEqual(2 * executions);
  },
);

test('a run whose first execution is deleted is told from where it can be', { timeout: 300_000 }, async () => {
  const { project, workflowId } = await runThroughExecutions();
  const { client } = await openClient();
  const handle = new RunHandle(client, project);
  const { firstSeq, events, previousRunId } = await handle.events(0);
  expect([firstSeq, previousRunId]).toEqual([1, null]);
  const workflowExecution = { workflowId, runId: (await handle.describe())?.runId };
  await client.workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution });
  const isGone = () => client.workflow.getHandle(workflowId, workflowExecution.runId).describe();
  // The server does that when it comes to it.
  const look = () =>
    isGone().then(
      () => false,
      () => true,
    );
  await expect.poll(look, { timeout: 180_000, interval: 250 }).toBe(true);

  const last = events.at(-1)?.seq ?? 0;
  const { stdout, stderr, exitCode } = await startGarland(['status', '--project', project, '--events', '--json'], {
    cwd: process.cwd(),
  });
  const told = stdout.split('\n').map((line): RunEvent => JSON.parse(line));
  expect(stderr).toBe(`garland: the events 1 to ${last} are past the server's retention`);
  expect([told[0]?.seq, told.at(-1)?.event, exitCode]).toEqual([last + 1, 'run_finished', 0]);
  // A reader who was at it meanwhile, too.
  expect((await handle.events(1)).events[0]?.seq).toBe(last + 1);
});
