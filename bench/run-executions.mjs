import { Client, Connection } from '@temporalio/client';
import { resolveConnection, workflowIdOf } from '../dist/src/index.js';

/** What Temporal holds of each execution of a project's run, oldest first: continue-as-new makes another one. Sizes in bytes. */
export async function readExecutions(project) {
  const { connectionOptions, namespace } = await resolveConnection({ env: process.env, start: false });
  const connection = await Connection.connect(connectionOptions);
  const client = new Client({ connection, namespace });
  try {
    const executions = [];
    let runId = (await client.workflow.getHandle(workflowIdOf(project)).describe()).runId;
    while (runId) {
      const handle = client.workflow.getHandle(workflowIdOf(project), runId);
      const { raw } = await handle.describe();
      const { events } = await handle.fetchHistory();
      const started = events[0].workflowExecutionStartedEventAttributes;
      executions.unshift({
        events: Number(raw.workflowExecutionInfo.historyLength),
        pending: raw.pendingActivities?.length ?? 0,
        bytes: Number(raw.workflowExecutionInfo.historySizeBytes),
        carried: started.continuedExecutionRunId ? sizeOf(started.input.payloads[1]) : 0,
        largestPayload: Math.max(...events.flatMap(findPayloads).map(sizeOf)),
      });
      runId = started.continuedExecutionRunId;
    }
    return executions;
  } finally {
    await connection.close();
  }
}

const sizeOf = ({ data }) => data.length;

/** Wherever they are in an event. */
function findPayloads(value) {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if (value.data instanceof Uint8Array) return [value];
  return Object.values(value).flatMap(findPayloads);
}
