#!/usr/bin/env node
// Compiles src, workflows and activities to dist, and bundles the workflows for the worker. Does nothing when no input has
// changed since the last build. Types are checked by `npm run typecheck`, so that a build takes a second.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const folders = ['src', 'workflows', 'activities'];

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensureBuilt().catch((error) => {
    console.error(`garland: ${error.message}`);
    process.exitCode = 1;
  });
}

/** Brings dist up to date. Throws an Error with a message for a person when the sources don't compile. */
export async function ensureBuilt() {
  if (isCurrent(inputDigest())) return;
  await withLock(async () => {
    const digest = inputDigest();
    if (isCurrent(digest)) return;
    compile();
    removeOrphans();
    await bundleWorkflows();
    writeWhole(stamp, digest);
  });
}

function isCurrent(digest) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
}

function inputDigest() {
  const hash = createHash('sha256');
  const files = folders.flatMap((folder) => filesIn(join(root, folder)).filter((file) => file.endsWith('.ts')));
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/build.mjs'];
  for (const file of [...settings.map((name) => join(root, name)), ...files]) {
    hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--incremental', 'false', '--pretty', 'false'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the sources don't compile:\n${stdout}${stderr}`.trimEnd());
}

/** What a deleted source left in dist would still be found by whoever imports it, and be published. */
function removeOrphans() {
  for (const folder of folders) {
    for (const file of filesIn(join(dist, folder))) {
      const source = join(root, file.slice(dist.length + 1)).replace(/\.(d\.ts|js)(\.map)?$/, '.ts');
      if (!existsSync(source)) rmSync(file, { force: true });
    }
  }
}

async function bundleWorkflows() {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows/index.js'),
    workflowInterceptorModules: [join(dist, 'workflows/settled-history.js')],
    logger,
  });
  writeWhole(join(dist, 'workflow-bundle.js'), code);
}

/** A worker that starts meanwhile reads the old file or the new one, never half of it. */
function writeWhole(file, text) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/** Two builds at the same time would read each other's half-written files. A lock left by a dead process is taken over. */
async function withLock(work) {
  mkdirSync(dist, { recursive: true });
  const lock = join(dist, '.building');
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    while (!takeLock(lock, mine)) await sleep(50);
    await work();
  } finally {
    rmSync(mine, { force: true });
    if (existsSync(lock) && readFileSync(lock, 'utf8') === String(process.pid)) rmSync(lock, { force: true });
  }
}

function takeLock(lock, mine) {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(lock, { force: true });
  }
  return false;
}
