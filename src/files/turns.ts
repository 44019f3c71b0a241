/** The last of those who wait or act, for each name. One per process, because that is what it keeps in order. */
const last = new Map<string, Promise<void>>();

/**
 * Waits until everyone in this process who asked for a turn under the same name before has ended theirs. Undefined when that takes
 * longer than `timeoutMs`.
 */
export async function takeTurn(
  name: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<{ end: () => void } | undefined> {
  const before = last.get(name);
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  // Who gives up ends at once, and those behind still wait for those before.
  const mine = before === undefined ? ended : before.then(() => ended);
  last.set(name, mine);
  void mine.then(() => last.get(name) === mine && last.delete(name));
  if (before === undefined) return { end };
  try {
    const came = await comesInTime(before, timeoutMs, signal);
    if (came) return { end };
    end();
    return undefined;
  } catch (error) {
    end();
    throw error;
  }
}

function comesInTime(turn: Promise<void>, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => resolve(false)), timeoutMs);
    const onAbort = (): void => settle(() => reject(signal?.reason));
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      how();
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    void turn.then(() => settle(() => resolve(true)));
  });
}
