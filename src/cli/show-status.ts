import type { RunEvent } from '../contract/events.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { RunHandle } from '../temporal/run-handle.js';
import { connect, webUrlOfRun, type Connected } from './connect.js';
import { isServerMissing } from './is-server-missing.js';
import { describeGap } from './describe-gap.js';
import type { ProjectOptions } from './options.js';
import { findProjectName } from './project-name.js';
import { readRun } from './read-run.js';
import type { Shell } from './shell.js';
import { showPathFrom } from './views/choose-view.js';
import { createJsonView } from './views/json-view.js';
import { createPlainView } from './views/plain-view.js';
import { renderStatus } from './views/render-status.js';

export interface StatusOptions extends ProjectOptions {
  json?: boolean;
  events?: boolean;
}

/** `garland status`: shows the run that goes on, else the last one. */
export async function showStatus(options: StatusOptions, shell: Shell): Promise<ExitCode> {
  const project = await findProjectName(options, shell);
  if (await isServerMissing(shell)) {
    return tellNothing(
      `no Temporal server runs, so no run of ${project} goes on; \`garland server start\` shows past ones`,
      options,
      shell,
    );
  }
  const connected = await connect(shell, { start: false });
  const described = await connected.client.handle(project).describe();
  if (!described) return tellNothing(`no run of ${project} on this server`, options, shell);
  const show = (handle: RunHandle): Promise<void> =>
    options.events ? showEvents(handle, options, shell) : showState(handle, connected, described, options, shell);
  await readRun(connected, project, show, described);
  await connected.client.close();
  return EXIT.ok;
}

function tellNothing(line: string, { json, events }: StatusOptions, { out, err }: Shell): ExitCode {
  if (!json) out(line);
  else if (events) err(`garland: ${line}`);
  else out('null');
  return EXIT.ok;
}

/** All of them are read before the first is shown: a second try must not show any twice. */
async function showEvents(handle: RunHandle, { json }: StatusOptions, shell: Shell): Promise<void> {
  const events: RunEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.seq ?? 0;
    const page = await handle.events(after);
    events.push(...page.events.filter(({ seq }) => seq > after));
    if (page.events.length === 0 || (events.at(-1)?.seq ?? 0) >= page.lastSeq) break;
  }
  const view = json
    ? createJsonView(shell)
    : createPlainView({ ...shell, showPath: (path) => showPathFrom(shell.cwd, path) });
  if (!json) view.state(await handle.state());
  const gap = describeGap(0, events);
  if (gap !== undefined) shell.err(gap);
  for (const event of events) view.event(event);
}

async function showState(
  handle: RunHandle,
  { server }: Connected,
  { status: word, hasWorker, running }: { status: string; hasWorker: boolean; running: boolean },
  { json }: StatusOptions,
  { out, cwd, stdout, colors }: Shell,
): Promise<void> {
  const snapshot = await handle.state();
  if (json) return out(JSON.stringify(snapshot));
  const lines = renderStatus({
    snapshot,
    now: Date.now(),
    columns: stdout.columns ?? 120,
    colors,
    webUrl: webUrlOfRun(server, handle.workflowId),
    note: noteOn(running, hasWorker, word),
    showPath: (path) => showPathFrom(cwd, path),
  });
  for (const line of lines) out(line);
}

function noteOn(running: boolean, hasWorker: boolean, word: string): string | undefined {
  if (running) return hasWorker ? undefined : 'no worker is there: `garland run` or `garland worker` goes on with it';
  return word === 'COMPLETED' ? undefined : `Temporal says ${word.toLowerCase()}`;
}
