import type { RunEvent } from '../contract/events.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { RunDescription, RunHandle } from '../temporal/run-handle.js';
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
  const isFound = await (options.events ? showEvents : showState)(connected, project, options, shell);
  if (!isFound) return tellNothing(`no run of ${project} on this server`, options, shell);
  await connected.client.close();
  return EXIT.ok;
}

function tellNothing(line: string, { json, events }: StatusOptions, { out, err }: Shell): ExitCode {
  if (!json) out(line);
  else if (events) err(`garland: ${line}`);
  else out('null');
  return EXIT.ok;
}

async function showEvents(
  connected: Connected,
  project: string,
  { json }: StatusOptions,
  shell: Shell,
): Promise<boolean> {
  const found = await readRun(connected, project, async (handle) => {
    const events = await readEvents(handle);
    return { events, snapshot: json ? undefined : await handle.state() };
  });
  if (!found) return false;
  const { events, snapshot } = found.answer;
  const view = json
    ? createJsonView(shell)
    : createPlainView({ ...shell, showPath: (path) => showPathFrom(shell.cwd, path) });
  if (snapshot) view.state(snapshot);
  const gap = describeGap(0, events);
  if (gap !== undefined) shell.err(gap);
  for (const event of events) view.event(event);
  return true;
}

async function readEvents(handle: RunHandle): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.seq ?? 0;
    const page = await handle.events(after);
    events.push(...page.events.filter(({ seq }) => seq > after));
    if (page.events.length === 0 || (events.at(-1)?.seq ?? 0) >= page.lastSeq) return events;
  }
}

async function showState(
  connected: Connected,
  project: string,
  { json }: StatusOptions,
  { out, cwd, stdout, colors }: Shell,
): Promise<boolean> {
  const found = await readRun(connected, project, (handle) => handle.state());
  if (!found) return false;
  const { answer: snapshot, described } = found;
  if (json) {
    out(JSON.stringify(snapshot));
    return true;
  }
  const lines = renderStatus({
    snapshot,
    now: Date.now(),
    columns: stdout.columns ?? 120,
    colors,
    webUrl: webUrlOfRun(connected.server, connected.client.handle(project).workflowId),
    note: noteOn(described),
    showPath: (path) => showPathFrom(cwd, path),
  });
  for (const line of lines) out(line);
  return true;
}

function noteOn({ running, hasWorker, status }: RunDescription): string | undefined {
  if (running) return hasWorker ? undefined : 'no worker is there: `garland run` or `garland worker` goes on with it';
  return status === 'COMPLETED' ? undefined : `Temporal says ${status.toLowerCase()}`;
}
