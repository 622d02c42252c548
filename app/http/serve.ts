import { enableCompileCache } from 'node:module'
import { resolve } from 'node:path'

// Before anything else is loaded: compiled code is kept, which halves the next start, and React looks at
// NODE_ENV when it is loaded.
enableCompileCache(resolve(import.meta.dirname, '../../node_modules/.cache/agentbot/compiled'))
const isDevelopment = process.argv.includes('--dev')
process.env.NODE_ENV ??= isDevelopment ? 'development' : 'production'

const { runServer } = await import('./server.ts')
await runServer({ isDevelopment })
