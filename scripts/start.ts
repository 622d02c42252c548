import { ensureBuilt } from './build.ts'

ensureBuilt()
await import('../app/http/serve.ts')
