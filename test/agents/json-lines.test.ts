import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readJsonLines } from '../../src/agents/json-lines.js';
import { createResultWatch } from '../../src/agents/watch-result.js';
import { useTemporaryJobs } from '../processes/temporary-jobs.js';

const files = useTemporaryJobs();

async function read(content: string | Buffer, start?: number) {
  writeFileSync(files.path('out'), content);
  const lines: unknown[] = [];
  const end = await readJsonLines(files.path('out'), (line) => lines.push(line), start);
  return { lines, end };
}

describe('readJsonLines', () => {
  it('hands over what is JSON, and passes over everything else', async () => {
    const { lines } = await read('{"a":1}\nWarning: x\n\n[2]\r\n{"cut\n"text"\n\uFEFF{"b":3}\n');
    expect(lines).toEqual([{ a: 1 }, [2], 'text', { b: 3 }]);
  });

  it('takes the last line without its newline, if it is whole', async () => {
    expect((await read('{"a":1}\n{"b":2}')).lines).toEqual([{ a: 1 }, { b: 2 }]);
    expect((await read('{"a":1}\n{"b":')).lines).toEqual([{ a: 1 }]);
  });

  it('passes over another encoding', async () => {
    const wide = Buffer.from('{"a":1}\n', 'utf16le');
    const broken = Buffer.concat([Buffer.from('{"t":"'), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('"}\n')]);
    expect((await read(Buffer.concat([wide, Buffer.from('\n'), broken]))).lines).toEqual([{ t: '\uFFFD\uFFFD\uFFFD' }]);
  });

  it('reads a line of 10 MB, characters on the seams of its blocks included', async () => {
    const text = `x${'ä'.repeat(5_000_000)}`;
    expect((await read(`{"a":1}\n${JSON.stringify({ text })}\n{"b":2}\n`)).lines).toEqual([
      { a: 1 },
      { text },
      { b: 2 },
    ]);
  });

  it('goes on where the last whole line ended', async () => {
    const first = await read('{"a":1}\n{"b"');
    expect(first.end).toBe(8);
    appendFileSync(files.path('out'), ':2}\n');
    const lines: unknown[] = [];
    expect(await readJsonLines(files.path('out'), (line) => lines.push(line), first.end)).toBe(16);
    expect(lines).toEqual([{ b: 2 }]);
  });

  it('takes a missing file for an empty one', async () => {
    expect(await readJsonLines(files.path('none'), () => expect.unreachable())).toBe(0);
  });
});

describe('createResultWatch', () => {
  it('sees the result as long as it is the last line', async () => {
    const watch = createResultWatch((line) => line === 'result');
    writeFileSync(files.path('out'), '"other"\n"resu');
    expect(await watch(files.path('out'))).toBe(false);
    appendFileSync(files.path('out'), 'lt"\n');
    expect(await watch(files.path('out'))).toBe(true);
    expect(await watch(files.path('out'))).toBe(true);
    appendFileSync(files.path('out'), '"more"\n');
    expect(await watch(files.path('out'))).toBe(false);
  });
});
