import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { workflowIdOf } from '../contract/run.js';

/**
 * Whether the run is still open, continued as new or not. `runId` is the first run ID of its chain.
 *
 * @throws what the client throws when the server can't be asked: not knowing is not a no
 */
export async function isRunGoingOn(client: Client, project: string, runId: string): Promise<boolean> {
  try {
    const description = await client.workflow.getHandle(workflowIdOf(project)).describe();
    const first = description.raw.workflowExecutionInfo?.firstRunId ?? description.runId;
    return description.status.name === 'RUNNING' && first === runId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
