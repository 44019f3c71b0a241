import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAgent } from '../../src/agents/create-agent.js';
import { configSchema } from '../../src/config/schema.js';
import type { AgentKind } from '../../src/contract/agents.js';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import { freshFolderIn } from '../../src/agents/session.js';
import { spentTodayUsd } from '../../src/agents/spent-today.js';
import { useTemporaryJobs } from '../processes/temporary-jobs.js';

const files = useTemporaryJobs();
const now = new Date();
const agentOf = (kind: AgentKind) => createAgent({ kind }, configSchema.parse({}));

function record(folder: string, usd: number | null, endedAt = now): void {
  mkdirSync(folder, { recursive: true });
  const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, usd };
  const content = {
    version: 1,
    kind: 'claude',
    endedAt: endedAt.toISOString(),
    resumable: true,
    used: usage,
    total: usage,
  };
  writeFileSync(join(folder, 'usage.json'), JSON.stringify(content));
}

it('adds up what the processes of all runs have used today', async () => {
  expect(await spentTodayUsd(files.path(), now, agentOf)).toBe(0);
  const folder = (run: string, attempt: number, resumption = 0) =>
    attemptFolder(files.path(), run, 'a', attempt, resumption);
  record(folder('r1', 1), 0.25);
  record(folder('r1', 1, 1), 0.5);
  record(freshFolderIn(folder('r1', 2)), 1);
  record(folder('r2', 1), 2);
  record(folder('r2', 2), null);
  record(folder('r2', 3), 100, new Date(now.getTime() - 25 * 3_600_000));
  mkdirSync(folder('r2', 4), { recursive: true });
  writeFileSync(join(folder('r2', 4), 'usage.json'), 'nonsense');
  expect(await spentTodayUsd(files.path(), now, agentOf)).toBe(3.75);
});
