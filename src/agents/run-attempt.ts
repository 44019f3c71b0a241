import { mkdir } from 'node:fs/promises';
import type { Config } from '../config/schema.js';
import type { AgentResult } from '../contract/outcomes.js';
import { createOnce } from '../processes/create-once.js';
import { jobPaths, readJob, type JobEnd, type JobStop } from '../processes/job.js';
import type { JobSpec } from '../processes/start-job.js';
import { superviseJob } from '../processes/supervise-job.js';
import type { Agent, AgentReport, AttemptSpec } from './agent.js';
import { promptFileOf } from './attempt-folder.js';
import { buildAgentEnvironment } from './environment.js';
import { decideSession, freshFolderIn, NO_SESSION, readSession } from './session.js';
import { recordUsage } from './usage-record.js';
import { createResultWatch } from './watch-result.js';

export interface AttemptOptions {
  spec: AttemptSpec;
  agent: Agent;
  config: Config['agent'];
  /** Asked only if the agent hasn't begun: re-attaching must not need a tracker. `resumes`: the agent knows what it is about. */
  prompt: (resumes: boolean) => string | Promise<string>;
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
  const { report, result } = await runProcess(options, false);
  if (!report.sessionGone) return result;
  // The program did nothing: a new session in its place costs no attempt.
  const folder = freshFolderIn(options.spec.folder);
  const promptFile = promptFileOf(folder);
  return (await runProcess({ ...options, spec: { ...options.spec, folder, promptFile } }, true)).result;
}

async function runProcess(options: AttemptOptions, isFresh: boolean) {
  const { spec, agent, config, signal } = options;
  const { folder } = spec;
  const limits = {
    timeoutMs: agent.limits?.timeoutMs ?? config.timeout_ms,
    stallTimeoutMs: agent.limits?.stallTimeoutMs ?? config.stall_timeout_ms,
    graceMs: config.stop_grace_ms,
    ...(agent.isResult && { hasFinished: createResultWatch(agent.isResult) }),
    signal,
  };
  const { end, stop } = await superviseJob(folder, await prepareJob(options, isFresh), limits);
  const report = await reportEnd(agent, folder, end, stop);
  const { sessionGone: _, own: __, counted: ___, ...told } = report;
  const result: AgentResult = {
    ...told,
    ...(await settleSession(agent, folder, report, end)),
    startedAt: end.startedAt.toISOString(),
    endedAt: end.endedAt.toISOString(),
    seconds: (end.endedAt.getTime() - end.startedAt.getTime()) / 1_000,
    directory: folder,
  };
  return { report, result };
}

async function prepareJob({ spec, agent, config, prompt, signal }: AttemptOptions, isFresh: boolean): Promise<JobSpec> {
  let session = NO_SESSION;
  if (!signal.aborted && (await readJob(spec.folder)).state === 'none') {
    await mkdir(spec.folder, { recursive: true, mode: 0o700 });
    session = await decideSession(agent, spec.folder, isFresh);
    await createOnce(spec.promptFile, await prompt(session.resumes));
    await agent.prepare?.(spec, session);
  }
  const launch = agent.launch(spec, session);
  return {
    argv: launch.argv,
    cwd: spec.workspace,
    env: buildAgentEnvironment(spec, launch, { names: config.env }),
    stdinFile: spec.promptFile,
  };
}

type Report = Omit<AgentReport, 'outcome'> & Pick<AgentResult, 'outcome' | 'exitCode'>;

async function reportEnd(agent: Agent, folder: string, end: JobEnd, stop?: JobStop): Promise<Report> {
  if (end.kind === 'voided') return { outcome: 'aborted', reason: stop?.reason ?? 'stopped before it began' };
  const { stdout, stderr } = jobPaths(folder);
  const interpret = (exitCode: number | null) =>
    agent.interpret({ stdoutFile: stdout, stderrFile: stderr, exitCode, endedAt: end.endedAt });
  if (stop?.kind === 'finished') return interpret(null);
  if (stop) return { ...(await readTrace(interpret)), outcome: stop.kind, reason: stop.reason };
  if (end.kind === 'lost') return { ...(await readTrace(interpret)), outcome: 'lost', reason: end.reason };
  return { ...(await interpret(end.exitCode)), exitCode: end.exitCode };
}

/** Of a process that was ended from outside: how far it came, what it printed, and not what it would have called its own end. */
async function readTrace(interpret: (exitCode: null) => Promise<AgentReport>): Promise<Partial<Report>> {
  const { session, resumable, own, counted, lastMessage, output } = await interpret(null);
  return { session, resumable, own, counted, lastMessage, output };
}

/** Read back, so that whoever asks again, and later processes of the session, find the same. */
async function settleSession(
  agent: Agent,
  folder: string,
  report: Report,
  end: JobEnd,
): Promise<Pick<AgentResult, 'session' | 'resumable' | 'usage'>> {
  const start = await readSession(folder);
  if (start === undefined) return {};
  const { session, resumable, used } = await recordUsage(agent, folder, { start, report, endedAt: end.endedAt });
  return { ...(session !== undefined && { session }), resumable, ...(used && { usage: used }) };
}
