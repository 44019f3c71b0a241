import { createAmpAgent } from '../../src/agents/amp.js';
import { createClaudeAgent } from '../../src/agents/claude.js';
import { createCodexAgent } from '../../src/agents/codex.js';
import { createShellAgent } from '../../src/agents/shell.js';
import { ampSchema, claudeSchema, codexSchema } from '../../src/config/schema.js';
import { testAgentContract } from './agent-contract.js';

const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

testAgentContract('shell', () => ({
  agent: createShellAgent('true'),
  says: (message) => `working\n${message}\n`,
  limit: { stdout: `GARLAND: LIMITED ${new Date(Date.now() + 60_000).toISOString()} later\n`, exitCode: 75 },
}));

/** Claude Code's lines, and Amp's. */
const streamJson = (result: object) =>
  lines(
    { type: 'system', subtype: 'init', session_id: 'T-1', cwd: '/w', tools: [] },
    { type: 'result', subtype: 'success', is_error: false, session_id: 'T-1', ...result },
  );
const limited = (text: string) => ({ stdout: streamJson({ is_error: true, result: text }), exitCode: 1 });

testAgentContract('claude', () => ({
  agent: createClaudeAgent({ kind: 'claude' }, claudeSchema.parse({})),
  says: (result) => streamJson({ result }),
  limit: limited("You've hit your session limit · resets 7pm (Europe/London)"),
}));

testAgentContract('amp', () => ({
  agent: createAmpAgent({ kind: 'amp' }, ampSchema.parse({})),
  says: (result) => streamJson({ result }),
  limit: limited('Usage limit reached'),
}));

testAgentContract('codex', () => {
  const thread = { type: 'thread.started', thread_id: 'T-1' };
  return {
    agent: createCodexAgent({ kind: 'codex' }, codexSchema.parse({})),
    says: (text) =>
      lines(
        thread,
        { type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text } },
        { type: 'turn.completed', usage: { input_tokens: 1, cached_input_tokens: 0, output_tokens: 1 } },
      ),
    limit: {
      stdout: lines(thread, { type: 'turn.failed', error: { message: 'You’ve hit your usage limit.' } }),
      exitCode: 1,
    },
  };
});
