import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { alikeIssues } from '../integration/harness/backlog.js';
import { crash } from '../integration/harness/crash.js';
import type { Project, Settings } from '../integration/harness/project.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { withProject } from '../integration/harness/with-project.js';

const program = fileURLToPath(new URL('../fixtures/integration/claude.sh', import.meta.url));
const issues = alikeIssues(4, { seconds: 'go', does: 'commit' });

function settingsOf({ log }: Pick<Project, 'log'>): Settings {
  return {
    agent: { kind: 'claude', max_concurrent_agents: 2 },
    claude: { command: program, args: ['--log', log] },
    verify: { commands: ['! grep -r red work'] },
    budget: { day_usd: 0.6 },
  };
}

/** So that no day ends while the test runs. */
function zoneWhereItIsNoon(): string {
  const offset = 12 - new Date().getUTCHours();
  // The sign of these zones is the other way round.
  return `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
}

/** Two turns of each of the four issues, 10 cents a turn. */
const total = { inputTokens: 800, cachedInputTokens: 0, outputTokens: 80, usd: 0.8 };

it('adds up to the same after worker and server were killed, and holds the day to its budget in the next run, too', async () => {
  await withProject({ kind: 'worktree', issues, ownServer: true }, async (project) => {
    project.env['TZ'] = zoneWhereItIsNoon();
    project.writeSettings(settingsOf(project));
    const run = project.run();
    await waitFor('two are at work', () => project.countWorking() === 2);
    await crash(project, 'both');
    project.letGo();

    const again = project.run();
    // Two issues are done with four turns, two more have had one: that is what the day may cost.
    const reached = await again.waitForEvent('budget_reached');
    expect(reached).toMatchObject({ scope: 'day', unit: 'usd', limit: 0.6 });
    await again.waitForEvent('waiting_for_budget');
    const before = await project.status();
    await crash(project, 'both');

    const third = project.run();
    await third.waitForEvent('waiting_for_budget');
    expect(await project.status()).toMatchObject({ usage: before?.usage, budgets: before?.budgets });
    project.writeSettings({ ...settingsOf(project), budget: { day_usd: 10 } });
    expect(await third.ended, third.describe()).toEqual({ code: 0, signal: null });
    expect(third.events.at(-1)).toMatchObject({ event: 'run_finished', outcome: 'completed', usage: total });
    const rejected = third.events.filter(({ event }) => event === 'work_rejected');
    expect(rejected).toHaveLength(4);
    expect(run.events[0]).toEqual(third.events[0]);

    // What this run has spent counts for the day of the next.
    project.writeSettings({ ...settingsOf(project), budget: { day_usd: 0.8 } });
    writeFileSync(
      join(project.dir, '.beads/issues.jsonl'),
      `${JSON.stringify({ id: 'b-1', title: 'b', status: 'open', priority: 1, issue_type: 'task', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' })}\n`,
    );
    const next = project.run();
    expect(await next.waitForEvent('budget_reached')).toMatchObject({ scope: 'day', spent: 0.8, limit: 0.8 });
    await project.garland('drain').ended;
    expect(await next.ended).toEqual({ code: 0, signal: null });
    expect(next.events.at(-1)).toMatchObject({ issuesSpawned: 0 });
  });
}, 240_000);
