import { EXIT, type ExitCode } from '../errors.js';
import { connect, webUrlOfRun } from './connect.js';
import { printDryRun } from './dry-run.js';
import { openWantedRun } from './open-run.js';
import type { StartOptions } from './options.js';
import type { Shell } from './shell.js';
import { startOrJoin } from './start-or-join.js';

/** `garland start`: starts the run and returns. */
export async function startProject(options: StartOptions, shell: Shell): Promise<ExitCode> {
  const wanted = await openWantedRun(options, shell);
  if (options.dryRun) {
    printDryRun(wanted, options, shell);
    return EXIT.ok;
  }
  const connected = await connect(shell, { start: true });
  const { runId, started, hasWorker } = await startOrJoin(
    connected,
    wanted,
    wanted.toInput(connected.server.webUrl),
    shell,
  );
  const { workflowId } = connected.client.handle(wanted.project.name);
  const webUrl = webUrlOfRun(connected.server, workflowId);
  await connected.client.close();
  if (options.json) {
    shell.out(JSON.stringify({ project: wanted.project.name, workflowId, runId, started, hasWorker, webUrl }));
    return EXIT.ok;
  }
  if (started) shell.out(`run ${runId} of ${wanted.project.name} started`);
  if (webUrl !== null) shell.out(webUrl);
  shell.out(
    hasWorker
      ? '`garland status` shows how it goes'
      : 'no worker is there yet: `garland worker` in this folder does its work',
  );
  return EXIT.ok;
}
