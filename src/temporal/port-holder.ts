import { execa } from 'execa';

/** Who listens on a port of this machine, for a message: `node (pid 123)`, or `another program` when that can't be told. */
export async function describePortHolder(port: number): Promise<string> {
  return (await askLsof(port)) ?? (await askSs(port)) ?? 'another program';
}

async function askLsof(port: number): Promise<string | undefined> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const [, pid, name] = /^p(\d+)\nc(.+)$/m.exec(stdout) ?? [];
  return pid === undefined ? undefined : `${name} (pid ${pid})`;
}

async function askSs(port: number): Promise<string | undefined> {
  const { stdout } = await run('ss', ['-Hltnp', `sport = :${port}`]);
  const [, name, pid] = /users:\(\("([^"]+)",pid=(\d+)/.exec(stdout) ?? [];
  return pid === undefined ? undefined : `${name} (pid ${pid})`;
}

function run(program: string, args: string[]): Promise<{ stdout: string }> {
  return execa(program, args, { reject: false, stdin: 'ignore', timeout: 5_000 }).then(({ stdout }) => ({
    stdout: stdout ?? '',
  }));
}
