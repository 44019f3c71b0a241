import type { KeptWork } from '../workspaces/workspaces.js';
import { describeKept, keptUntil } from './age.js';
import type { Findings, Leftover } from './leftover.js';

/**
 * Workspaces of issues that are closed or gone, and those that nobody has used for longer than workspace.keep_days. What has not
 * landed stays as long as that, and after it only the folder goes.
 */
export async function findWorkspaces(findings: Findings): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const work of await findings.workspaces.kept.list()) {
    if (findings.isBusy(work.name)) continue;
    if (work.problem !== undefined) {
      found.push({
        kind: 'workspace',
        what: work.name,
        why: 'its record is broken',
        plan: 'person',
        how: work.problem,
      });
    } else if (work.workspace) {
      found.push(...(await judge(findings, work.name, work.workspace, work.progress)));
    }
  }
  return found;
}

async function judge(
  findings: Findings,
  name: string,
  { folder, usedAt }: NonNullable<KeptWork['workspace']>,
  progress: KeptWork['progress'],
): Promise<Leftover[]> {
  const { config, workspaces, issueOf, isClosed, now } = findings;
  const issue = issueOf(name);
  const isDone = issue === undefined || isClosed(issue);
  const until = keptUntil(progress && progress.keptAt > usedAt ? progress.keptAt : usedAt, config.workspace.keep_days);
  const isOld = until !== undefined && until < now();
  if (!isDone && !isOld) return [];

  const state = issue === undefined ? 'its issue is gone' : `its issue is ${issue.status}`;
  const found = { kind: 'workspace' as const, what: folder, why: state };
  const env: Record<string, string> = issue ? { GARLAND_ISSUE_ID: issue.id, GARLAND_ISSUE_TITLE: issue.title } : {};
  if (isDone && (await workspaces.kept.isLanded(name))) {
    const clean = async (): Promise<string[]> => {
      const told = await workspaces.kept.remove(name, env);
      return told === undefined ? [] : [[`removed the workspace ${folder}: ${state}`, ...told].join('; ')];
    };
    return [{ ...found, plan: 'clean', how: 'is removed', clean }];
  }
  if (!isOld) {
    return [{ ...found, plan: 'keep', how: `${describeKept(until)}: it has work that has not landed` }];
  }
  const why = `${state}, and it was not used for ${config.workspace.keep_days} days`;
  const clean = async (): Promise<string[]> => {
    const told = await workspaces.kept.shelve(name, usedAt, env);
    if (told === undefined) return [];
    return [
      [`removed the folder ${folder}: ${why}; its branch and what was uncommitted are kept in git`, ...told].join('; '),
    ];
  };
  return [
    {
      ...found,
      why,
      plan: 'clean',
      how: 'its folder is removed; its branch and what is uncommitted stay in git',
      clean,
    },
  ];
}
