import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { tellWhile, type OnProgress } from './progress.js';

/**
 * Builds the official module with the Go that is on PATH: some minutes.
 *
 * @param into an existing folder, for this build alone
 * @returns the path of the program
 * @throws Error with a short reason: no Go, or the last line that Go said
 */
export async function goInstallTemporalBinary(
  version: string,
  into: string,
  env: NodeJS.ProcessEnv,
  onProgress?: OnProgress,
): Promise<string> {
  const bin = path.join(into, 'bin');
  await mkdir(bin);
  let modules = 0;
  let lastLine = '';
  // CGO_ENABLED=0: without it a C compiler is needed. A target platform or GOFLAGS of the user's are for other builds.
  const build = execa('go', ['install', `${MODULE}@${version}`], {
    cwd: into,
    env: { ...env, GOBIN: bin, CGO_ENABLED: '0', GOOS: '', GOARCH: '', GOFLAGS: '', GOWORK: 'off' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    buffer: false,
  });
  const readLines = (async () => {
    for await (const line of build.iterable({ from: 'stderr' })) {
      if (line.startsWith('go: downloading ')) modules += 1;
      else if (line.trim() !== '') lastLine = line.trim();
    }
  })();
  const say = (seconds: number) =>
    `building the Temporal CLI ${version} with Go, some minutes: ${modules} modules fetched, ${seconds} s`;
  const [result] = await tellWhile(Promise.all([build, readLines.catch(() => undefined)]), onProgress, say, 3_000);
  if (result.code === 'ENOENT') throw new Error('Go is not installed');
  if (result.failed)
    throw new Error(lastLine === '' ? `go install ended with ${result.exitCode ?? result.signal}` : lastLine);
  return path.join(bin, 'temporal');
}

const MODULE = 'github.com/temporalio/cli/cmd/temporal';
