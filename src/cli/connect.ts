import type { GarlandClient } from '../temporal/client.js';
import type { ServerConnection } from '../temporal/connection.js';
import type { Shell } from './shell.js';

export interface Connected {
  server: ServerConnection;
  client: GarlandClient;
}

/**
 * The configured server, else garland's own, which is started if that is allowed.
 *
 * The SDK is loaded here and not at the top of the commands: it takes longer than everything else that `--help` or a mistyped
 * flag needs.
 *
 * @throws UserError when there is none or it can't be reached
 */
export async function connect({ env, err }: Shell, { start }: { start: boolean }): Promise<Connected> {
  const [{ resolveConnection }, { GarlandClient }] = await Promise.all([
    import('../temporal/connection.js'),
    import('../temporal/client.js'),
  ]);
  const server = await resolveConnection({ env, start, onProgress: (line) => err(`garland: ${line}`) });
  return { server, client: await GarlandClient.connect(server) };
}

/** The Web UI's page of a run; null where no Web UI is known of. */
export function webUrlOfRun({ webUrl, namespace }: ServerConnection, workflowId: string): string | null {
  if (webUrl === null) return null;
  return `${webUrl.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
