/** Exit codes of the command line, see docs/command-line.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2, stopped: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something a person can mend: one line that says where, what, and what to do. Shown without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.usage,
  ) {
    super(message);
  }
}
