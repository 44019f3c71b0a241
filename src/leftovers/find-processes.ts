import { stopJob } from '../processes/job.js';
import type { Findings, Leftover } from './leftover.js';
import type { KnownRun, RunningJob } from './list-runs.js';

/** Agents, gates and hooks that go on although their run is gone: terminated, or its server was wiped. */
export async function findProcesses({ runs, config, issueOf }: Findings): Promise<Leftover[]> {
  const describe = (run: KnownRun, job: RunningJob): Leftover => {
    const found = {
      kind: 'process' as const,
      what: `process ${job.pid} of ${issueOf(job.issueName)?.id ?? job.issueName}`,
      why: `its run ${run.runId} is gone`,
    };
    if (run.state === 'unknown') {
      const how = 'left alone; start the server, and it can be told';
      return { ...found, why: `whether its run ${run.runId} goes on can't be told`, plan: 'keep', how };
    }
    const clean = async (): Promise<string[]> => {
      await stopJob(job.folder, { graceMs: config.agent.stop_grace_ms, reason: found.why });
      return [`stopped ${found.what}: ${found.why}`];
    };
    return { ...found, plan: 'clean', how: 'is stopped', clean };
  };
  return runs.filter(({ state }) => state !== 'open').flatMap((run) => run.running.map((job) => describe(run, job)));
}
