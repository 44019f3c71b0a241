import { z } from 'zod';

/**
 * What the reason of an AbortSignal asks for: `stop` ends the job and records why; `leave` lets it run on, for whoever
 * attaches to it next (the worker shuts down, or the run continues elsewhere).
 */
export const interruptionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stop'), reason: z.string() }),
  z.object({ kind: z.literal('leave') }),
]);

export type Interruption = z.infer<typeof interruptionSchema>;

/** The job was left running because the signal's reason said so. */
export class LeftRunning extends Error {
  override readonly name = 'LeftRunning';
  constructor(readonly folder: string) {
    super(`left running: ${folder}`);
  }
}

/** Undefined while the signal isn't aborted. Any other reason is a stop. */
export function readInterruption(signal: AbortSignal): Interruption | undefined {
  if (!signal.aborted) return undefined;
  const parsed = interruptionSchema.safeParse(signal.reason);
  if (parsed.success) return parsed.data;
  return { kind: 'stop', reason: signal.reason instanceof Error ? signal.reason.message : String(signal.reason) };
}
