import type { Platform } from '../../server/platform/core/context.ts'

/** What everything that still runs on a server gets when that server dies. */
export class ServerDied extends Error {}

/**
 * The platform of a server that dies after its system connection has answered so many statements: what
 * it was doing in a transaction is rolled back, and what it does next does not happen.
 */
export function failAfter(platform: Platform, statements: number): Platform {
  let left = statements
  const system = platform.databases.system.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      if (left-- <= 0) throw new ServerDied()
      return result
    },
  })
  return { ...platform, databases: { ...platform.databases, system } }
}
