import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ownIdentity } from '../../src/processes/identity.js';
import { parsePsTable, readProcessTable } from '../../src/processes/process-table.js';

describe('readProcessTable', () => {
  it('holds this process, however many ask at once', async () => {
    const own = ownIdentity();
    const tables = await Promise.all([1, 2, 3, 4, 5].map(() => readProcessTable()));
    for (const table of tables) expect(table.map(({ identity }) => identity)).toContainEqual(own);
    expect(new Set(tables).size).toBe(2);
  });
});

describe('parsePsTable', () => {
  it('reads what ps prints, and leaves zombies out', () => {
    const text = '  12   10 Ss   Mon Nov 24  9:01:02 2025\n  13   10 Z    Mon Nov 24  9:01:03 2025\n';
    expect(parsePsTable(text)).toEqual([
      {
        identity: { pid: 12, startTime: 'Mon Nov 24 9:01:02 2025', bootId: ownIdentity().bootId },
        groupId: 10,
      },
    ]);
  });

  it("reads this machine's own ps", () => {
    const text = execFileSync('ps', ['-axo', 'pid=,pgid=,state=,lstart='], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    });
    const own = parsePsTable(text).find(({ identity }) => identity.pid === process.pid);
    expect(own?.identity.startTime).toMatch(/^\w{3} \w{3} \d+ \d\d:\d\d:\d\d \d{4}$/);
    expect(own?.groupId).toBeGreaterThan(1);
  });
});
