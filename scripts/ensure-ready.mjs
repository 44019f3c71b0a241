#!/usr/bin/env node
// Makes a clone ready to use: packages installed, dist built, and with --server a Temporal CLI at hand. Quick when it is
// already so. Needs nothing but Node and npm, as it runs before there are any packages.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.garland-installed`;
const options = new Set(process.argv.slice(2));

checkNode();
installPackages();
if (!options.has('--no-build')) await build();
if (options.has('--server')) await ensureServer();

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Node 20.19 or newer is needed, this is ${process.versions.node} (${process.execPath})`);
}

function installPackages() {
  const wanted = lockDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing packages (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

/** Another platform or major of Node needs other binaries, so they are part of it. */
function lockDigest() {
  const hash = createHash('sha256').update(readFileSync(`${root}package-lock.json`));
  return hash.update(`${process.platform} ${process.arch} ${process.versions.modules}`).digest('hex');
}

async function build() {
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt().catch((error) => fail(error.message));
}

async function ensureServer() {
  const { findTemporalCli } = await import('../dist/src/temporal/binary.js');
  await findTemporalCli({ onProgress: say }).catch((error) => fail(error.message));
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) fail(`${command} can't be run: ${error.message}`);
  if (status !== 0) fail(`\`${command} ${args.join(' ')}\` failed, see above`);
}

function say(line) {
  process.stderr.write(`garland: ${line}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
