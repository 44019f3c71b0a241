/** Told in one short line while something takes long. On a terminal each line may replace the one before. */
export type OnProgress = (message: string) => void;

/**
 * Says every `everyMs` how it stands, until the work is done. `seconds` counts from the call.
 * Nothing is said about work that ends sooner.
 */
export async function tellWhile<T>(
  work: Promise<T>,
  onProgress: OnProgress | undefined,
  say: (seconds: number) => string,
  everyMs = 2_000,
): Promise<T> {
  const startedAt = Date.now();
  const ticker = setInterval(() => onProgress?.(say(Math.round((Date.now() - startedAt) / 1_000))), everyMs);
  try {
    return await work;
  } finally {
    clearInterval(ticker);
  }
}
