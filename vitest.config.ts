import { defineConfig } from 'vitest/config';

/** Folders whose tests run garland's own command line or a workflow: they get dist and a Temporal server. */
const withServer = ['cli', 'integration', 'crash', 'workflows', 'activities', 'replay', 'demo', 'chaos', 'real-agents'];
/** What `npm run chaos` sets. */
const { GARLAND_CHAOS_AT_ONCE } = process.env;
const pattern = (folder: string): string => `test/${folder}/**/*.test.ts`;

export default defineConfig({
  test: {
    // Tests start processes of their own. With three at a time on two cores the suite takes 10 minutes instead of 13, but what is to be
    // seen while it lasts, a limit or a deletion, may be over before it is looked at.
    maxWorkers: 2,
    reporters: process.env['GARLAND_TEST_REPORT']
      ? ['default', ['json', { outputFile: process.env['GARLAND_TEST_REPORT'] }]]
      : ['default'],
    projects: [
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: withServer.map(pattern),
          testTimeout: 30_000,
          hookTimeout: 30_000,
          expect: { poll: { timeout: 15_000 } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'whole',
          include: withServer.map(pattern),
          globalSetup: 'test/global-setup.ts',
          setupFiles: 'test/server-environment.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 15_000 } },
          sequence: { groupOrder: 1 },
          // Of tests that mostly wait. Of the command line's options, this one doesn't reach a project.
          maxConcurrency: Number(GARLAND_CHAOS_AT_ONCE ?? 3),
        },
      },
    ],
  },
});
