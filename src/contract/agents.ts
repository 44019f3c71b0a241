/** The programs that can be an agent. `shell` is any command. */
export const AGENT_KINDS = ['shell', 'claude', 'codex', 'amp'] as const;
export type AgentKind = (typeof AGENT_KINDS)[number];

/** Which program works on an issue, as its labels, its text or the configuration say. Kept for all attempts at the issue. */
export interface AgentChoice {
  kind: AgentKind;
  /** The program's own name of a model. Absent: what the configuration of the kind says, else the program's default. */
  model?: string;
  effort?: string;
}

/** What one process of an agent has used: a difference, where its program counts up over a session. */
export interface Usage {
  /** All of the input, what came from a cache included. */
  inputTokens: number;
  /** The part of it that came from a cache. */
  cachedInputTokens: number;
  outputTokens: number;
  /** US dollars. Null: the program tells none, and no price is configured for its model. */
  usd: number | null;
}
