import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mutants } from './mutants/list.mjs';

it.each(mutants)('there is still something to break for: $name', ({ edits }) => {
  for (const [file, from] of edits) {
    const parts = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split(from);
    expect(parts, `${file}: ${from}`).toHaveLength(2);
  }
});
