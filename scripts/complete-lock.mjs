#!/usr/bin/env node
// Adds to package-lock.json the optional packages of other platforms that the registry didn't serve when the lock was
// made (a mirror may hold one platform's only). Without their entries `npm ci` refuses the lock on every platform.
// Run it after `npm install`: node scripts/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    const entry = lock.packages[path] ? undefined : entryOf(name, version, parent);
    if (entry) lock.packages[path] = entry;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

function entryOf(name, version, parent) {
  const target = /(?:^|[-/])(darwin|linux|win32|android|freebsd|openharmony)-([a-z0-9]+)(?:-(\w+))?$/.exec(name);
  if (!target || !/^\d+\.\d+\.\d+/.test(version)) return undefined;
  const [, os, cpu, abi = ''] = target;
  const libc = abi.startsWith('gnu') ? ['glibc'] : abi.startsWith('musl') ? ['musl'] : undefined;
  return { version, cpu: [cpu], ...(parent.dev && { dev: true }), ...(libc && { libc }), optional: true, os: [os] };
}
