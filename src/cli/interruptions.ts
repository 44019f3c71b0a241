export interface Interruptions {
  /** Ctrl-C, counted from 1. */
  onInterrupt: (count: number) => void;
  /** SIGTERM, or SIGHUP when the terminal is closed. */
  onLeave: (signal: 'SIGTERM' | 'SIGHUP') => void;
}

/** Listens to signals until the returned function is called. Without a listener they would end the process at once. */
export function watchInterruptions({ onInterrupt, onLeave }: Interruptions): () => void {
  let count = 0;
  const interrupt = (): void => onInterrupt((count += 1));
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', onLeave);
  process.on('SIGHUP', onLeave);
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', onLeave);
    process.off('SIGHUP', onLeave);
  };
}
