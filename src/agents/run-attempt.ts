import type { Config } from '../config/schema.js';
import type { AgentResult } from '../contract/outcomes.js';
import { createOnce } from '../processes/create-once.js';
import { jobPaths, readJob, type JobEnd, type JobStop } from '../processes/job.js';
import type { JobSpec } from '../processes/start-job.js';
import { superviseJob } from '../processes/supervise-job.js';
import { mkdir } from 'node:fs/promises';
import type { Agent, AgentReport, AttemptSpec } from './agent.js';
import { buildAgentEnvironment } from './environment.js';

export interface AttemptOptions {
  spec: AttemptSpec;
  agent: Agent;
  config: Config['agent'];
  /** See attemptFolder. */
  folder: string;
  /** Asked only if the agent hasn't begun: re-attaching must not need a tracker. */
  prompt: () => string | Promise<string>;
  /** Its reason is an Interruption: stop the agent, or leave it running. */
  signal: AbortSignal;
}

/**
 * Makes sure that the agent of this attempt is running, waits for it, and says how it ended. Called again for the same folder, also
 * after a crash, at the same time from another process, or when the agent has long ended, it attaches and answers the
 * same; it never starts a second one. Timeouts count from the agent's own start.
 *
 * @throws LeftRunning when the signal says so; Error when no process can be started.
 */
export async function runAttempt(options: AttemptOptions): Promise<AgentResult> {
  const { agent, config, folder, signal } = options;
  const limits = {
    timeoutMs: config.timeout_ms,
    stallTimeoutMs: config.stall_timeout_ms,
    graceMs: config.stop_grace_ms,
    signal,
  };
  const { end, stop } = await superviseJob(folder, await prepareJob(options), limits);
  const report = await reportEnd(agent, folder, end, stop);
  return {
    ...report,
    startedAt: end.startedAt.toISOString(),
    endedAt: end.endedAt.toISOString(),
    seconds: (end.endedAt.getTime() - end.startedAt.getTime()) / 1_000,
    directory: folder,
  };
}

async function prepareJob({ spec, agent, config, folder, prompt, signal }: AttemptOptions): Promise<JobSpec> {
  if (!signal.aborted && (await readJob(folder)).state === 'none') {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await createOnce(spec.promptFile, await prompt());
  }
  const launch = agent.launch(spec, config);
  return {
    argv: launch.argv,
    cwd: spec.workspace,
    env: buildAgentEnvironment(spec, launch, { names: config.env }),
    stdinFile: spec.promptFile,
  };
}

async function reportEnd(
  agent: Agent,
  folder: string,
  end: JobEnd,
  stop?: JobStop,
): Promise<Pick<AgentResult, 'outcome' | 'exitCode'> & Omit<AgentReport, 'outcome'>> {
  if (stop) return { outcome: stop.kind, reason: stop.reason };
  switch (end.kind) {
    case 'exited': {
      const { stdout, stderr } = jobPaths(folder);
      const { exitCode } = end;
      return { ...(await agent.interpret({ stdoutFile: stdout, stderrFile: stderr, exitCode })), exitCode };
    }
    case 'lost':
      return { outcome: 'lost', reason: end.reason };
    case 'voided':
      return { outcome: 'aborted', reason: 'stopped before it began' };
  }
}
