import { existsSync } from 'node:fs'
import { createSecrets } from '../server/platform/core/index.ts'
import { readEnv } from '../server/platform/core/env.ts'
import { createLogger } from '../server/platform/core/log.ts'
import { readAppSecret } from '../server/platform/host/app-secret.ts'
import { startPlatform } from '../server/platform/host/platform.ts'
import { explainStartProblem } from '../server/platform/host/start-problems.ts'
import { rotateSecret } from '../server/platform/rotation/index.ts'
import { sealedColumns } from '../server/sealed-columns.ts'

// Seals everything with APP_SECRET that one of APP_SECRET_PREVIOUS has sealed; docs/operating.md says in which order. The
// embedded database has one user at a time: stop the server first.
if (existsSync('.env')) process.loadEnvFile('.env')
const env = readEnv(process.env)
if (env.APP_SECRET_PREVIOUS.length === 0) {
  console.error('APP_SECRET_PREVIOUS is empty: put the secret there that is to be replaced, and the new one into APP_SECRET.')
  process.exit(1)
}
const platform = await startPlatform(env, createLogger({ LOG_LEVEL: 'warn' })).catch((error: unknown) => {
  console.error(explainStartProblem(error) ?? error)
  process.exit(1)
})
const secrets = createSecrets(await readAppSecret(env), env.APP_SECRET_PREVIOUS)
const columns = await rotateSecret(platform.databases.maintenance, secrets, sealedColumns)
await platform.close()
for (const { column, resealed, unreadable } of columns)
  console.log(`${column}: ${resealed} sealed anew${unreadable === 0 ? '' : `, ${unreadable} that no known secret opens`}`)
const isWhole = columns.every(({ unreadable }) => unreadable === 0)
console.log(
  isWhole
    ? 'Everything is sealed with APP_SECRET. Once no server runs with another one, take the old one out of APP_SECRET_PREVIOUS.'
    : 'Not everything could be read: leave APP_SECRET_PREVIOUS as it is, and add the secret that is missing.',
)
process.exit(isWhole ? 0 : 1)
