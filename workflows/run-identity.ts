import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';

const WORKFLOW_ID_PREFIX = 'garland/';

/** @throws ApplicationFailure when the workflow was started under an ID that isn't a project's */
export function projectOf(workflowId: string): string {
  if (workflowId.startsWith(WORKFLOW_ID_PREFIX) && workflowId.length > WORKFLOW_ID_PREFIX.length) {
    return workflowId.slice(WORKFLOW_ID_PREFIX.length);
  }
  const message = `The workflow ID is ${workflowId}, but it must be ${WORKFLOW_ID_PREFIX}<project>: it is what keeps a project to one run.`;
  throw ApplicationFailure.create({ message, type: 'InvalidInput', nonRetryable: true });
}

/** Where the Web UI shows this run; null when the input doesn't say where the Web UI is. */
export function webUrlOf(input: unknown): string | null {
  const base = typeof input === 'object' && input !== null && 'web_url' in input ? input.web_url : null;
  if (typeof base !== 'string' || base === '') return null;
  const { namespace, workflowId, runId } = workflowInfo();
  return `${base.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
}
