import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { devServerRecordSchema, type DevServerRecord } from '../../../src/temporal/dev-server-record.js';
import { kill } from './processes.js';
import type { Project } from './project.js';
import { waitFor } from './wait-for.js';

/** The project's own server; undefined before it was started, and after `garland server stop`. */
export function serverPid(project: Project): number | undefined {
  return readServerRecord(project)?.process?.pid;
}

export function readServerRecord(project: Project): DevServerRecord | undefined {
  const file = join(project.top, 'state', 'garland', 'server', 'server.json');
  return existsSync(file) ? devServerRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

export async function killServer(project: Project): Promise<void> {
  const pid = serverPid(project);
  if (pid === undefined) return;
  kill(pid, 'SIGKILL');
  await waitFor('the server is dead', () => !existsSync(`/proc/${pid}/exe`) || isZombie(pid), { every: 5 });
}

function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}
