import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeName } from '../../src/workspaces/names.js';

const caseful = { ignoresCase: false };
const caseless = { ignoresCase: true };

/** Ids near the edges of the rules, besides arbitrary text. */
const id = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('a', 'A', 'b', '1', '.', '-', '_', '/', ' ', 'ä', '\ud800'), maxLength: 70 }),
  fc.stringMatching(/^[aA]{1,2}-[0-9a-fA-F]{10}$/),
  fc.constantFrom('x.lock', 'x.', '..', '.', '-', '', 'a..b', 'HEAD', '@', '@{', 'id', '~', 'a/b', 'a-b', 'a b'),
);

describe('safeName', () => {
  it.each(['bd-12', 'A1', 'proj-3.2', 'a_b', 'TEST-1.10', '_x', '7'])('leaves %s as it is', (ordinary) => {
    expect(safeName(ordinary, caseful)).toBe(ordinary);
  });

  it.each([
    ['a/b', 'a-b-'],
    ['../../etc/passwd', 'etc-passwd-'],
    ['.hidden', 'hidden-'],
    ['-rf', 'rf-'],
    ['x.lock', 'x-lock-'],
    ['x.LOCK', 'x-lock-'],
    ['x.', 'x-'],
    ['a..b', 'a-b-'],
    ['fix the Größe', 'fix-the-gro-e-'],
    ['日本', 'id-'],
    ['', 'id-'],
    ['bd-0123456789', 'bd-0123456789-'],
  ])('makes a readable name of %j', (odd, start) => {
    const name = safeName(odd, caseful);
    expect(name.startsWith(start)).toBe(true);
    expect(name.slice(start.length)).toMatch(/^[0-9a-f]{10}$/);
  });

  it('cuts long ids', () => {
    expect(safeName('x'.repeat(60), caseful)).toBe('x'.repeat(60));
    expect(safeName('x'.repeat(61), caseful)).toHaveLength(60);
  });

  it('makes names that are safe in refs and paths, whatever the id', () => {
    fc.assert(
      fc.property(id, fc.boolean(), (text, ignoresCase) => {
        const name = safeName(text, { ignoresCase });
        expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,59}$/);
        expect(name).not.toMatch(/\.\.|\.$|\.lock$/i);
        expect(safeName(text, { ignoresCase })).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });

  it('never gives two ids one name', () => {
    fc.assert(
      fc.property(id, id, (one, other) => {
        fc.pre(one !== other);
        expect(safeName(one, caseful)).not.toBe(safeName(other, caseful));
        expect(safeName(one, caseless).toLowerCase()).not.toBe(safeName(other, caseless).toLowerCase());
      }),
      { numRuns: 3000 },
    );
  });

  it('tells a name that it made from the id of that very name', () => {
    fc.assert(
      fc.property(id, (text) => {
        const name = safeName(text, caseful);
        fc.pre(name !== text);
        expect(safeName(name, caseful)).not.toBe(name);
      }),
    );
  });

  it('tells A-1 from a-1 where file names ignore case', () => {
    expect(safeName('a-1', caseless)).toBe('a-1');
    expect(safeName('A-1', caseless)).toMatch(/^a-1-[0-9a-f]{10}$/);
  });

  it('gives names that git takes as branches', () => {
    for (const odd of ['x.lock', 'a b', '@{', '..', 'HEAD', '-x', 'a~1', 'ä/ö']) {
      expect(() =>
        execFileSync('git', ['check-ref-format', `refs/heads/garland/issue/${safeName(odd)}`]),
      ).not.toThrow();
    }
  });
});
