import { EXIT } from '../../errors.js';
import type { AddCommand } from '../main.js';
import type { Shell } from '../shell.js';

interface JsonOption {
  json?: boolean;
}

export const addServer: AddCommand = (program, shell, finish) => {
  const server = program.command('server').description("garland's own Temporal server, for when none is configured");
  const add = (name: string, description: string, action: (shell: Shell) => Promise<Answer>): void => {
    server
      .command(name)
      .description(description)
      .option('--json', 'print JSON')
      .action(async ({ json }: JsonOption) => {
        const { value, lines } = await action(shell);
        for (const line of json ? [JSON.stringify(value)] : lines) shell.out(line);
        finish(EXIT.ok);
      });
  };
  add('status', 'say whether it runs, and where', status);
  add('start', 'start it, unless it runs', start);
  add('stop', 'end it; runs wait until it is there again', stop);
};

interface Answer {
  value: unknown;
  lines: string[];
}

async function status({ env }: Shell): Promise<Answer> {
  const { devServerStatus } = await import('../../temporal/dev-server.js');
  const value = await devServerStatus();
  const configured = env['TEMPORAL_ADDRESS'];
  const note = configured ? [`TEMPORAL_ADDRESS is set: commands use ${configured} instead`] : [];
  if (value.kind === 'stopped') return { value, lines: ['not running', ...note] };
  return {
    value,
    lines: [
      `${value.answers ? 'running' : 'alive, but it does not answer'}: ${value.address} (pid ${value.pid})`,
      `Web UI: ${value.webUrl}`,
      `database: ${value.database}`,
      `log: ${value.log}`,
      ...note,
    ],
  };
}

async function start({ err }: Shell): Promise<Answer> {
  const { ensureDevServer } = await import('../../temporal/dev-server.js');
  const value = await ensureDevServer({ onProgress: (line) => err(`garland: ${line}`) });
  const { started, address, pid, webUrl } = value;
  return { value, lines: [`${started ? 'started' : 'runs already'}: ${address} (pid ${pid})`, `Web UI: ${webUrl}`] };
}

async function stop({ err }: Shell): Promise<Answer> {
  const { stopDevServer } = await import('../../temporal/dev-server.js');
  const value = await stopDevServer({ onProgress: (line) => err(`garland: ${line}`) });
  if (value.kind === 'not_running') return { value, lines: ['not running'] };
  return { value, lines: [`${value.how === 'killed' ? 'killed' : 'stopped'}: ${value.address} (pid ${value.pid})`] };
}
