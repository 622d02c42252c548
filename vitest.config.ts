import { defineConfig } from 'vitest/config'

export const TESTS = ['{server,app,db,schema}/**/*.test.ts', 'tests/{integration,contract,sdk,runtime,scripts}/**/*.test.ts']

/** Tests that replace a module for themselves, or add to what it knows: they need modules that nobody has loaded before, and leave none to others. */
const MOCKED = 'tests/**/*.mocked.test.ts'

export default defineConfig({
  // Two copies of graphql would not know each other's types.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    globalSetup: 'tests/helpers/global-setup.ts',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // One more than two processors need: many tests wait for servers they have started. The embedded database takes half a
    // gigabyte in each worker.
    maxWorkers: 3,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'suite',
          include: TESTS,
          exclude: ['**/node_modules/**', MOCKED],
          // A worker loads the program once, not once for each file: that is most of what a small file costs.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'mocked', include: [MOCKED] } },
    ],
  },
})
