// All tests in one process: `node test/run.js`.
import { readdirSync } from 'node:fs';

for (const name of readdirSync(import.meta.dirname)) {
  if (name.endsWith('.test.js')) await import(`./${name}`);
}
