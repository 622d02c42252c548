import { enableCompileCache } from 'node:module'
import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'

// Before anything else is loaded: compiled code is kept, which halves the next start, and React looks at
// NODE_ENV when it is loaded.
enableCompileCache(resolve(import.meta.dirname, '../../node_modules/.cache/agentbot/compiled'))

// Garbage is cleared away when the heap has grown by a fifth since the last time. V8's own measure lets it grow to several
// times what is alive, for some per cent of processor time: bench/README.md has the figures.
setFlagsFromString('--heap-growing-percent=20')

const isDevelopment = process.argv.includes('--dev')
process.env.NODE_ENV ??= isDevelopment ? 'development' : 'production'

await (isDevelopment ? developmentServer() : productionServer())

async function productionServer(): Promise<void> {
  const { runServer } = await import('./server.ts')
  const { loadProduction } = await import('./build.ts')
  await runServer(loadProduction)
}

/** Vite loads the server as well as the pages: loaded twice, server code would not know its own errors. */
async function developmentServer(): Promise<void> {
  const { createServer } = await import('vite')
  const vite = await createServer({ server: { middlewareMode: true } })
  const { runServer } = (await vite.ssrLoadModule('/app/http/server.ts')) as typeof import('./server.ts')
  const { loadLive } = (await vite.ssrLoadModule('/app/http/build.ts')) as typeof import('./build.ts')
  await runServer(() => loadLive(vite))
}
