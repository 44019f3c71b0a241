import { Client, Connection } from '@temporalio/client';
import { workflowIdOf, type RunResult } from '../../src/contract/run.js';
import type { Project } from '../integration/harness/project.js';
import { readServerRecord } from '../integration/harness/server.js';

/**
 * What became of all runs, from the server itself, oldest first: of one that was aborted while everybody was being killed, nobody may
 * have seen the end.
 */
export async function readResults(project: Project): Promise<{ results: RunResult[]; renewals: number }> {
  const connection = await Connection.connect({ address: `127.0.0.1:${readServerRecord(project)?.port}` });
  try {
    const { workflow } = new Client({ connection });
    const runs: { runId: string; at: number }[] = [];
    let renewals = 0;
    for await (const { runId, startTime, status } of workflow.list({
      query: `WorkflowId = '${workflowIdOf(project.name)}'`,
    })) {
      // The last execution of a run has its result.
      if (status.name === 'CONTINUED_AS_NEW') renewals += 1;
      else runs.push({ runId, at: startTime.getTime() });
    }
    const inOrder = runs.toSorted((one, other) => one.at - other.at);
    const results = await Promise.all(
      inOrder.map(({ runId }) =>
        workflow
          .getHandle(workflowIdOf(project.name), runId)
          .result()
          // One that could not be started, because a fault had just hit what it needs, has none.
          .catch(() => undefined),
      ),
    );
    return { results: (results as (RunResult | undefined)[]).filter((result) => result !== undefined), renewals };
  } finally {
    await connection.close();
  }
}
