import pc from 'picocolors';
import type { Colors } from 'picocolors/types.js';

/** What a command sees of the process that it runs in. */
export interface Shell {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  /** For what goes to stdout: off when it is no terminal, and with NO_COLOR. */
  readonly colors: Colors;
  out: (line: string) => void;
  /** For what is said besides: progress, warnings, errors. */
  err: (line: string) => void;
  /** Called once when nobody reads the output any more. Without a handler the command ends there, quietly. */
  onOutputClosed(handler: () => void): void;
}

export function createShell(process: NodeJS.Process): Shell {
  const { env, stdout, stderr } = process;
  let handler: () => void = () => process.exit(0);
  let closed = false;
  const onError = (error: NodeJS.ErrnoException): void => {
    // EPIPE: the reader of the pipe has gone, as in `garland status | head -1`. EIO: the terminal has.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    if (!closed) handler();
    closed = true;
  };
  stdout.on('error', onError);
  stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
  return {
    cwd: process.cwd(),
    env,
    stdout,
    colors: pc.createColors(useColors(stdout, env)),
    out: (line) => void (closed || stdout.write(`${line}\n`)),
    err: (line) => void stderr.write(`${line}\n`),
    onOutputClosed: (next) => void (handler = next),
  };
}

/** https://no-color.org: the variable counts when it is set and not empty. */
function useColors(stdout: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  // Undefined for a pipe, and then picocolors would decide by itself: it colours whatever runs in CI.
  return Boolean(stdout.isTTY) && env['TERM'] !== 'dumb';
}
