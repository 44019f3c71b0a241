import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyScenario } from './any-scenario.js';
import { simulateRun } from './simulate-run.js';
import type { Scenario } from './simulate-run.js';

describe('whatever the backlog, the outcomes, refusals and aborts', () => {
  const always = (check: (given: Scenario) => void) => fc.assert(fc.property(anyScenario, check), { numRuns: 2000 });

  test('never more agents than the limit, never two for one issue, none after an abort or while the usage limit of its kind lasts', () => {
    always((given) => {
      const trace = simulateRun(given);
      expect(trace.mostAgents).toBeLessThanOrEqual(given.maxAgents);
      expect(trace.twiceAtOnce).toEqual([]);
      expect(trace.agentsStarted.filter((start) => start.afterStop)).toEqual([]);
    });
  });

  test('every issue that was started has one final outcome, and no other has any', () => {
    always((given) => {
      const { state, finals, agentsStarted } = simulateRun(given);
      const unfit = given.scripts.filter(({ claim, id }) => claim === 'unfit' && finals.has(id)).map(({ id }) => id);
      const started = new Set([...agentsStarted.map((start) => start.id), ...unfit]);
      expect(new Set(finals.keys())).toEqual(started);
      for (const id of unfit) expect(finals.get(id)).toEqual(['failed']);
      for (const outcomes of finals.values()) expect(outcomes).toHaveLength(1);
      expect(state.active.size + state.retries.size).toBe(0);
      const all = [...state.succeeded, ...state.failed, ...state.aborted, ...state.refused];
      expect(new Set(all).size).toBe(all.length);
      expect(new Set(all)).toEqual(new Set([...started, ...state.refused]));
    });
  });

  test('the issue limit counts issues, not attempts, and is never overrun', () => {
    always((given) => {
      const { state, agentsStarted, finals } = simulateRun(given);
      expect(state.spawned).toBe(finals.size);
      if (given.maxIssues !== undefined) expect(finals.size).toBeLessThanOrEqual(given.maxIssues);
      for (const { attempt, turn } of agentsStarted) {
        expect(attempt).toBeLessThanOrEqual(given.maxAttempts);
        expect(turn).toBeLessThanOrEqual(given.maxTurns);
      }
    });
  });

  test('no agent starts when a budget is spent, and all that agents told is in the totals', () => {
    always((given) => {
      const { agentsStarted, state, mils: total, told } = simulateRun(given);
      expect(agentsStarted.filter(({ overspent }) => overspent.length > 0)).toEqual([]);
      expect(state.usage.usd ?? 0).toBe(total / 1000);
      expect(state.usage.inputTokens).toBe(total);
      expect(new Set(told).size, 'each is told once').toBe(told.length);
    });
  });

  test('every process of an agent has a folder of its own', () => {
    always((given) => {
      const folders = simulateRun(given).agentsStarted.map(({ folder }) => folder);
      expect(new Set(folders).size).toBe(folders.length);
    });
  });

  test('without a stop no ready issue is lost: each is started or refused', () => {
    always((given) => {
      const calm = withoutUnusable({
        ...given,
        abortAt: undefined,
        drainAt: undefined,
        pollFailsAt: undefined,
        maxIssues: undefined,
      });
      const { state } = simulateRun(calm);
      const left = calm.scripts.filter(({ id, after }) => after <= state.succeeded.length && !state.through.has(id));
      expect(left).toEqual([]);
    });
  });

  test('the run says truly why it ended', () => {
    always((given) => {
      const { ending, state, finals } = simulateRun(given);
      if (state.abortReason !== null) expect(ending).toMatchObject({ outcome: 'aborted', reason: null });
      else if (state.pollFailure !== null) expect(ending).toMatchObject({ outcome: 'failed', reason: null });
      else if (state.unusable !== null) expect(ending.error).toContain('agent_unusable');
      else if (state.draining) expect(ending).toMatchObject({ outcome: 'completed', reason: null });
      else if (given.maxIssues !== undefined && state.spawned >= given.maxIssues)
        expect(ending.reason).toBe('limit_reached');
      else expect(['none_ready', 'all_refused']).toContain(ending.reason);
      if (ending.reason === 'all_refused') expect(state.refused.length).toBeGreaterThan(0);
      if (state.abortReason === null)
        for (const [id, [final]] of finals)
          if (final === 'aborted')
            expect(state.draining || state.unusable !== null || state.pollFailure !== null, id).toBe(true);
    });
  });
});

function withoutUnusable(given: Scenario): Scenario {
  const scripts = given.scripts.map((each) => ({
    ...each,
    agents: each.agents.map((agent) => ({ ...agent, unusable: false })),
  }));
  return { ...given, scripts };
}
