import type { Settlement, UnwrittenState } from '../../src/contract/activities.js';
import type { IssueOutcome } from '../../src/contract/outcomes.js';

/**
 * Pure: how an issue ended that the tracker could not be told of, however long it was tried. Its settlement was written down, and this
 * run's polls or the next run tell it later.
 */
export function settleUnwritten(
  settlement: Settlement,
  state: UnwrittenState,
  failure: string,
): { outcome: IssueOutcome; reason: string } {
  const { reason } = settlement;
  switch (state) {
    case 'written':
      return { outcome: outcomeOf(settlement), reason: `${reason}; but ${failure}` };
    case 'not_written':
      return {
        outcome: unlessGivenBack(settlement),
        reason: `${reason}; but the tracker can't be written: ${failure}`,
      };
    case 'unknown':
      return { outcome: unlessGivenBack(settlement), reason: `outcome unknown: ${reason}; but ${failure}` };
  }
}

export function outcomeOf(settlement: Settlement): IssueOutcome {
  switch (settlement.kind) {
    case 'close':
      return settlement.outcome;
    case 'fail':
      return 'failed';
    case 'release':
      return 'aborted';
  }
}

/** A person has to hear of it, even when its work has landed. */
function unlessGivenBack({ kind }: Settlement): IssueOutcome {
  return kind === 'release' ? 'aborted' : 'failed';
}
