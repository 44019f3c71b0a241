import { Runtime } from '@temporalio/worker';

let installed = false;

/** For this process: the SDK says nothing, as what it says of failures that a test wants would hide the one that failed. */
export function installQuietRuntime(): void {
  if (installed) return;
  installed = true;
  const silent = (): void => {};
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  Runtime.install({ shutdownSignals: [], logger, telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } } });
}
