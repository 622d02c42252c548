import type { TestProject } from 'vitest/node'
import { startTemporaryServer } from '../../scripts/temporary-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    url: string
  }
}

/** One server for all files; every test makes an account of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTemporaryServer()
  project.provide('url', server.url)
  return server.stop
}
