import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../bin/garland.js', import.meta.url));

/** Starts the real command line. `events` are what `run --json` prints; `firstLine` comes with whatever it prints first. */
export function startGarland(args, { cwd, env = process.env, onEvent } = {}) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const events = [];
  let rest = '';
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  child.stdout.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.startsWith('{'))) {
      const event = JSON.parse(line);
      events.push(event);
      onEvent?.(event);
    }
  });
  const firstLine = new Promise((resolve) => child.stdout.once('data', resolve));
  const done = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, events, errors })));
  return { child, done, events, firstLine };
}

export async function garland(args, options) {
  return startGarland(args, options).done;
}
