import { defineConfig } from 'vitest/config'

/** Attacks on a real server; `npm run test:attack` builds first. */
export default defineConfig({
  // Two copies of graphql would not know each other's types.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['tests/attack/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // An attacker and a server share two processors.
    fileParallelism: false,
  },
})
