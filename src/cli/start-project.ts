import { EXIT, type ExitCode } from '../errors.js';
import { webUrlOfRun } from './connect.js';
import { printDryRun } from './dry-run.js';
import { openWantedRun } from './open-run.js';
import type { StartOptions } from './options.js';
import type { Shell } from './shell.js';
import { startOrJoin } from './start-or-join.js';

/** `garland start`: starts the run and returns. */
export async function startProject(options: StartOptions, shell: Shell): Promise<ExitCode> {
  if (options.dryRun) {
    await printDryRun(await openWantedRun(options, shell), options, shell);
    return EXIT.ok;
  }
  const { connected, project, runId, started, hasWorker } = await startOrJoin(options, shell);
  const { workflowId } = connected.client.handle(project.name);
  const webUrl = webUrlOfRun(connected.server, workflowId);
  await connected.client.close();
  if (options.json) {
    shell.out(JSON.stringify({ project: project.name, workflowId, runId, started, hasWorker, webUrl }));
    return EXIT.ok;
  }
  if (started) shell.out(`run ${runId} of ${project.name} started`);
  if (webUrl !== null) shell.out(webUrl);
  shell.out(
    hasWorker
      ? '`garland status` shows how it goes'
      : 'no worker is there yet: `garland worker` in this folder does its work',
  );
  return EXIT.ok;
}
