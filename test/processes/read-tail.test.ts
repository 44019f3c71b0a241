import { writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTail } from '../../src/processes/read-tail.js';
import { useTemporaryJobs } from './temporary-jobs.js';

const files = useTemporaryJobs();

async function tailOf(content: string | Uint8Array, bytes: number): Promise<string> {
  writeFileSync(files.path('file'), content);
  return readTail(files.path('file'), bytes);
}

describe('readTail', () => {
  it('returns a short text as it is, and nothing for a missing file', async () => {
    expect(await tailOf('a\tb\nc', 100)).toBe('a\tb\nc');
    expect(await tailOf('', 100)).toBe('');
    expect(await readTail(files.path('missing'), 100)).toBe('');
  });

  it('removes colours, titles and control characters', async () => {
    expect(await tailOf('\u001B[31mred\u001B[0m \u001B]0;title\u0007x\u0000\u0008\u0085y', 100)).toBe('red xy');
  });

  it('breaks a progress bar into lines', async () => {
    expect(await tailOf('10%\r20%\r\ndone\r\n', 100)).toBe('10%\n20%\ndone\n');
  });

  it('knows an escape sequence that begins before the part that is asked for', async () => {
    expect(await tailOf(`${'-'.repeat(500)}\u001B[38;5;200mcolour`, 14)).toBe('…-----colour');
  });

  it('replaces what is no UTF-8', async () => {
    expect(await tailOf(Buffer.from([0x61, 0xff, 0xfe, 0x62]), 100)).toBe('a\uFFFD\uFFFDb');
  });

  it('for any bytes and any length is clean, fits, and is the end of the text', async () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 600 }).map((data) => Buffer.from(data)),
    );
    await fc.assert(
      fc.asyncProperty(anyText, fc.integer({ min: 3, max: 700 }), async (data, bytes) => {
        const tail = await tailOf(data, bytes);
        expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(bytes);
        expect(Buffer.from(tail).toString()).toBe(tail);
        // oxlint-disable-next-line no-control-regex
        expect(tail).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/);
        const whole = await tailOf(data, 10_000);
        expect(whole.endsWith(tail.replace(/^…/, '')) || tail.startsWith('…')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('of plain text is exactly its last characters', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n'), maxLength: 400 }),
        fc.integer({ min: 3, max: 400 }),
        async (text, bytes) => {
          const tail = await tailOf(text, bytes);
          const isCut = Buffer.byteLength(text) > bytes;
          const kept = isCut ? tail.slice(1) : tail;
          expect(tail.startsWith('…')).toBe(isCut);
          expect(text.endsWith(kept)).toBe(true);
          expect(Buffer.byteLength(kept)).toBeGreaterThan(isCut ? bytes - 3 - 4 : Buffer.byteLength(text) - 1);
        },
      ),
      { numRuns: 200 },
    );
  });
});
