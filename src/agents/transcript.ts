import type { Usage } from '../contract/agents.js';

/** What a program has told on its stdout, in terms that all kinds have in common. */
export interface Transcript {
  /** A session has begun. */
  session?: string;
  /** What the model said last. */
  lastMessage?: string;
  /** The last line by which the program ends a turn. `text`: in the program's own words, where it didn't end well. */
  result?: { ok: boolean; text: string };
  /** What the program says went wrong beside a result: warnings, and what it gets over by itself, included. */
  complaint?: string;
  /** Until when the service takes no more, if it says so apart from its words. */
  limitedUntil?: Date;
  /** Whatever is said next in this session would fail again. */
  isSpent?: boolean;
  /** See AgentReport. */
  own?: Usage;
  counted?: Usage;
}

/** Takes lines one after the other. Lines that it doesn't know change nothing. */
export interface TranscriptReader {
  take(line: unknown): void;
  end(): Transcript;
}
