import { existsSync } from 'node:fs'
import { readEnv } from '../server/platform/core/env.ts'
import { createLogger } from '../server/platform/core/log.ts'
import { explainStartProblem } from '../server/platform/host/start-problems.ts'
import { startPlatform } from '../server/platform/host/platform.ts'
import { markEmailVerified } from '../server/identity/accounts/accounts.service.ts'

// Only who can run commands on the server can say that an address is what it claims to be; an account
// whose address is in ADMIN_EMAILS becomes an admin by this. The embedded database has one user at a
// time: stop the server first.
const [email] = process.argv.slice(2)
if (!email) {
  console.error('Usage: npm run verify-email -- somebody@example.org')
  process.exit(1)
}
if (existsSync('.env')) process.loadEnvFile('.env')
const env = readEnv(process.env)
const platform = await startPlatform(env, createLogger({ LOG_LEVEL: 'warn' })).catch((error: unknown) => {
  console.error(explainStartProblem(error) ?? error)
  process.exit(1)
})
const wasFound = await markEmailVerified(platform, email)
await platform.close()
console.log(wasFound ? `${email} is verified.` : `No account has the address ${email}.`)
process.exit(wasFound ? 0 : 1)
