import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Two copies of graphql would not know each other's types.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['{server,app,db,schema}/**/*.test.ts', 'tests/{integration,contract,sdk,runtime,scripts}/**/*.test.ts'],
    globalSetup: 'tests/helpers/global-setup.ts',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // The embedded database takes half a gigabyte in each worker.
    maxWorkers: 2,
  },
})
