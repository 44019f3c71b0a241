#!/usr/bin/env node
// Prints "N passed, N failed" from vitest's JSON report, and fails when no test ran or one failed.
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
const report = text === '' ? { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 } : JSON.parse(text);
const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;

if (passed + failed === 0) console.error('no test ran');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
