import { needsSettling, settleLate } from '../settlement/settle-late.js';
import { dropUnwritten, listUnreadable, type UnwrittenRecord } from '../settlement/unwritten-record.js';
import { howToClose } from './how-to-close.js';
import type { Findings, Leftover } from './leftover.js';
import { askState } from './list-runs.js';

/** What became of issues in runs that are gone, and that those could not tell the tracker. */
export async function findUnwritten(findings: Findings): Promise<Leftover[]> {
  const found = await Promise.all(findings.unwritten.map((record) => judge(findings, record)));
  const unreadable = (await listUnreadable(findings.dir)).map((path): Leftover => ({
    kind: 'outcome',
    what: path,
    why: 'it should say how an issue ended that the tracker could not be told, and is not what garland writes',
    plan: 'person',
    how: 'compare it with its issue, which counts as one of a run that died, and delete it',
  }));
  return [...found.flat(), ...unreadable];
}

async function judge(findings: Findings, record: UnwrittenRecord): Promise<Leftover[]> {
  const { issueId, runId, settlement } = record;
  const found = { kind: 'outcome' as const, what: issueId };
  const run = findings.runs.find((known) => known.runId === runId);
  const state = run?.state ?? (await askState(findings, findings.project, runId));
  if (state === 'open') return [];
  if (state === 'unknown') {
    const why = `whether its run ${runId} goes on can't be told`;
    return [{ ...found, why, plan: 'keep', how: 'left alone; start the server, and it can be told' }];
  }
  if (!needsSettling(findings, record, findings.issues)) {
    const clean = async (): Promise<string[]> => {
      await dropUnwritten(findings.dir, issueId);
      return [];
    };
    const why = `its run ${runId} could not tell the tracker, and somebody else has`;
    return [{ ...found, why, plan: 'clean', how: 'is forgotten', clean }];
  }
  const [ended, how] =
    settlement.kind === 'close'
      ? ['is done', howToClose(findings)]
      : ['has failed', 'goes back to open, marked needs-followup'];
  const why = `it ${ended}, which its run ${runId} could not tell the tracker`;
  return [{ ...found, why, plan: 'clean', how, clean: () => settleLate(findings, record) }];
}
