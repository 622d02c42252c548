import { defineConfig } from 'vitest/config'

/** Attacks on a real server; `npm run test:attack` builds first. */
export default defineConfig({
  test: {
    include: ['tests/attack/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // An attacker and a server share two processors.
    fileParallelism: false,
  },
})
