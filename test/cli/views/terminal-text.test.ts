import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { cutToWidth, fitToWidth, toPlainLine } from '../../../src/cli/views/terminal-text.js';

test('text that fits is left alone, other text is cut with an ellipsis', () => {
  expect(cutToWidth('potatoes', 8)).toBe('potatoes');
  expect(cutToWidth('potatoes', 7)).toBe('potato…');
  expect(cutToWidth('potatoes', 0)).toBe('');
});

test('wide characters count for two columns and are never cut in half', () => {
  expect(cutToWidth('料理の本', 6)).toBe('料理…');
  expect(fitToWidth('料理の本', 6)).toBe('料理… ');
});

test('what is fitted has just the asked width', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer({ min: 1, max: 50 }), (text, columns) => {
      expect(stringWidth(fitToWidth(toPlainLine(text), columns))).toBe(columns);
    }),
  );
});

test('a plain line is one line without anything that moves the cursor', () => {
  expect(toPlainLine(' a\tb\r\n\u001B[31mred\u001B[0m \u0007')).toBe('a b red');
});
