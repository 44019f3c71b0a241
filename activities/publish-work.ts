import { join } from 'node:path';
import type { VerifyRequest } from '../src/contract/activities.js';
import type { Verdict } from '../src/contract/outcomes.js';
import { jobPaths } from '../src/processes/job.js';
import { readTail } from '../src/processes/read-tail.js';
import { UserError } from '../src/errors.js';
import { describeWork } from '../src/reviews/describe-work.js';
import { findRepository } from '../src/reviews/open-reviews.js';
import type { PullRequestText } from '../src/reviews/pull-requests.js';
import { gateFolder } from '../src/workspaces/gate.js';
import { rejectWork } from '../src/workspaces/rejection.js';
import { folderOf } from './issue-environment.js';
import type { Project } from './projects.js';

const OUTPUT_BYTES = 2_000;

/** Work that was pushed gets its pull request, where there are such, and is rejected when it can't; any other verdict stays as it is. */
export async function publishWork(project: Project, request: VerifyRequest, verdict: Verdict): Promise<Verdict> {
  if (!verdict.accepted || verdict.landing !== 'pushed' || verdict.commit === undefined) return verdict;
  const { commit } = verdict;
  const text = () => describe(project, request, commit);
  try {
    const pull = await project.reviews?.publish(request.issueId, commit, text);
    return pull === undefined ? verdict : { ...verdict, reason: `${verdict.reason}, ${pull.url}` };
  } catch (error) {
    if (error instanceof UserError) return rejectWork('unpublished', `${verdict.reason}; ${error.message}`);
    throw error;
  }
}

async function describe(project: Project, request: VerifyRequest, commit: string): Promise<PullRequestText> {
  const { config, tracker, workspaces, dir } = project;
  const { issueId, issueTitle, said } = request;
  const { issues } = await tracker.list();
  const issue = issues.find(({ id }) => id === issueId);
  const repository = (workspaces.remote && (await findRepository(config, workspaces.remote))) ?? '';
  const directory = folderOf(dir, request);
  const gate = config.verify.commands.map(async (command, index) => {
    const { stdout } = jobPaths(join(directory, gateFolder(commit, index)));
    return { command, output: await readTail(stdout, OUTPUT_BYTES) };
  });
  const closes = config.land.close_when === 'merged';
  return describeWork({ issue, issueId, issueTitle, repository, said, gate: await Promise.all(gate), closes });
}
