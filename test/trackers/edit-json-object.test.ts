import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { editJsonObject } from '../../src/trackers/edit-json-object.js';

test.each([
  ['replaced in its place', '{"a":1,"b":2,"c":3}', { b: 'x' }, '{"a":1,"b":"x","c":3}'],
  ['added last', '{"a":1}', { b: [2] }, '{"a":1,"b":[2]}'],
  ['added with the spacing that is there', '{ "a": 1, "b": 2 }', { c: 3 }, '{ "a": 1, "b": 2, "c": 3 }'],
  ['added to nothing', '{ }', { a: 1 }, '{"a":1 }'],
  ['removed first', '{"a":1,"b":2}', { a: undefined }, '{"b":2}'],
  ['removed in the middle', '{"a":1, "b":2, "c":3}', { b: undefined }, '{"a":1, "c":3}'],
  ['removed last', '{"a":1, "b":2 }', { b: undefined }, '{"a":1 }'],
  ['removed alone', '{"a":1}', { a: undefined }, '{}'],
  ['removed though not there', '{"a":1}', { b: undefined }, '{"a":1}'],
  ['twice there: the last one counts', '{"a":1,"b":0,"a":2}', { a: 3 }, '{"a":1,"b":0,"a":3}'],
  ['twice there and removed', '{"a":1,"b":0,"a":2}', { a: undefined }, '{"b":0}'],
  ['keys inside are not meant', '{"x":{"a":1},"y":[{"a":2}],"a":3}', { a: 4 }, '{"x":{"a":1},"y":[{"a":2}],"a":4}'],
  ['brackets in texts are texts', String.raw`{"x":"}],\"{","a":1}`, { a: 2 }, String.raw`{"x":"}],\"{","a":2}`],
  ['an escaped key is the same key', String.raw`{"\u0061":1}`, { a: 2 }, String.raw`{"\u0061":2}`],
  ['a dollar is a dollar', '{"a":"x"}', { a: '$&$1', b: '$`' }, '{"a":"$&$1","b":"$`"}'],
  [
    'what JavaScript would write otherwise',
    String.raw`{"2":1.0,"1":12345678901234567890,"t":"\u003c","a":1}`,
    { a: 2 },
    String.raw`{"2":1.0,"1":12345678901234567890,"t":"\u003c","a":2}`,
  ],
])('%s', (_what, text, changes, edited) => {
  expect(editJsonObject(text, changes)).toBe(edited);
});

test('any change of any object: the members are as asked, and the others as they were', () => {
  const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', '1', '"', '\\'), fc.string());
  const value = fc.jsonValue({ maxDepth: 3 });
  const changes = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(value, { nil: undefined }));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), changes, fc.nat({ max: 3 }), (members, edits, indent) => {
      const space = ' '.repeat(indent);
      const text = `${space}{${members.map(([name, content]) => `${space}${JSON.stringify(name)}:${space}${JSON.stringify(content, null, indent)}`).join(',')}${space}}`;
      const before: object = JSON.parse(text);
      const after: object = JSON.parse(editJsonObject(text, edits));
      const expected = new Map<string, unknown>(Object.entries(before));
      for (const [name, content] of Object.entries(edits)) {
        if (content === undefined) expected.delete(name);
        else expected.set(name, JSON.parse(JSON.stringify(content)));
      }
      expect(new Map(Object.entries(after))).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
