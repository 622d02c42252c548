import { readEnv } from '../../server/platform/core/env.ts'
import type { TestServer } from '../helpers/test-server.ts'

/** Runs a test as if the server had been started with these variables too; what reads them once, at start, does not notice. */
export async function withEnv<T>({ platform }: TestServer, variables: Record<string, string>, run: () => Promise<T>): Promise<T> {
  const before = { ...platform.env }
  const read = readEnv({ ALLOW_EMBEDDED_WALLETS: 'on', ...variables }) as Record<string, unknown>
  Object.assign(platform.env, Object.fromEntries(Object.keys(variables).map((name) => [name, read[name]])))
  try {
    return await run()
  } finally {
    for (const name of Object.keys(platform.env)) delete (platform.env as Record<string, unknown>)[name]
    Object.assign(platform.env, before)
  }
}
