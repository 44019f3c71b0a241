#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

const entry = new URL('../dist/src/cli/main.js', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`garland: Node 20.19 or newer is needed, this is ${process.versions.node}`);
  process.exitCode = 2;
} else if (!existsSync(entry)) {
  console.error('garland: not built yet; run `npm run build` in its folder');
  process.exitCode = 2;
} else {
  module.enableCompileCache?.();
  // Many agents start and end at the same moment, each with a few small files: Node's four threads would queue them up.
  process.env.UV_THREADPOOL_SIZE ??= '16';
  const { main } = await import(entry);
  await main(process.argv);
}
