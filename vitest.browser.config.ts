import { defineConfig } from 'vitest/config'

/** Tests that drive a browser; `npm run test:browser` builds first. */
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: 'tests/browser/global-setup.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One browser and one server share two processors.
    fileParallelism: false,
  },
})
