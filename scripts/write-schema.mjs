#!/usr/bin/env node
// Writes the JSON schemas of WORKFLOW.md's front matter and of the workflow's input to schema/, from the built dist.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await ensureBuilt();
const { runInputJsonSchema, workflowJsonSchema } = await import('../dist/src/config/json-schema.js');

const schemas = { 'workflow.schema.json': workflowJsonSchema(), 'run-input.schema.json': runInputJsonSchema() };
const files = Object.keys(schemas).map((name) => join(root, 'schema', name));
mkdirSync(join(root, 'schema'), { recursive: true });
Object.values(schemas).forEach((schema, index) => {
  writeFileSync(files[index], `${JSON.stringify(schema, null, 2)}\n`);
});
// As every other file, or the check of the format would find them.
const { status } = spawnSync(join(root, 'node_modules/.bin/oxfmt'), files, { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
