import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMarker } from '../../src/agents/markers.js';

describe('findMarker', () => {
  it.each([
    ['GARLAND: NO_CHANGE the tests pass already', { kind: 'NO_CHANGE', reason: 'the tests pass already' }],
    ['GARLAND: ALREADY_DONE', { kind: 'ALREADY_DONE', reason: 'it is done already' }],
    ['  GARLAND: OBSOLETE   gone  ', { kind: 'OBSOLETE', reason: 'gone' }],
    ['I tried.\nGARLAND: BLOCKED no access\nSorry.', { kind: 'BLOCKED', reason: 'no access' }],
    ['GARLAND: NO_CHANGE a\nGARLAND: OBSOLETE b', { kind: 'OBSOLETE', reason: 'b' }],
  ])('reads %j', (message, marker) => {
    expect(findMarker(message)).toEqual(marker);
  });

  it.each([
    '',
    'I would say GARLAND: NO_CHANGE',
    'GARLAND: NO_CHANGES',
    'GARLAND: MAYBE',
    'garland: NO_CHANGE',
    'GARLAND:NO_CHANGE',
    '`GARLAND: NO_CHANGE`',
  ])('finds none in %j', (message) => {
    expect(findMarker(message)).toBeUndefined();
  });

  it('keeps the reason short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000 }), (reason) => {
        const marker = findMarker(`GARLAND: BLOCKED ${reason.replaceAll(/\s/g, ' ')}`);
        expect(marker?.kind).toBe('BLOCKED');
        expect(marker?.reason.length).toBeLessThanOrEqual(500);
        expect(marker?.reason).not.toBe('');
      }),
    );
  });
});
