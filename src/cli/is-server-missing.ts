import type { Shell } from './shell.js';

/** No server is configured, and garland's own isn't started. */
export async function isServerMissing({ env }: Shell): Promise<boolean> {
  const [{ loadConfiguredServer }, { devServerStatus }] = await Promise.all([
    import('../temporal/configured-server.js'),
    import('../temporal/dev-server.js'),
  ]);
  return loadConfiguredServer(env) === undefined && (await devServerStatus()).kind === 'stopped';
}
