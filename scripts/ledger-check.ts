import { existsSync } from 'node:fs'
import { checkLedger } from '../server/money/billing/ledger-check.service.ts'
import { readEnv } from '../server/platform/core/env.ts'
import { createLogger } from '../server/platform/core/log.ts'
import { explainStartProblem } from '../server/platform/host/start-problems.ts'
import { startPlatform } from '../server/platform/host/platform.ts'

// Proves that the ledger is right, and says what is not. The embedded database has one user at a time: stop the server first.
if (existsSync('.env')) process.loadEnvFile('.env')
const env = readEnv(process.env)
const platform = await startPlatform(env, createLogger({ LOG_LEVEL: 'warn' })).catch((error: unknown) => {
  console.error(explainStartProblem(error) ?? error)
  process.exit(1)
})
const { books, transactions, entries, problems } = await checkLedger(platform.databases.system)
await platform.close()
for (const { subject, problem } of problems) console.error(`${subject}: ${problem}`)
console.log(
  `${entries} entries of ${transactions} transactions in ${books} books: ${problems.length === 0 ? 'they balance' : `${problems.length} problems`}`,
)
process.exit(problems.length === 0 ? 0 : 1)
