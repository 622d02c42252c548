import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { checkChains, readToldHeads } from '../server/platform/audit/index.ts'
import { readEnv } from '../server/platform/core/env.ts'
import { createLogger } from '../server/platform/core/log.ts'
import { explainStartProblem } from '../server/platform/host/start-problems.ts'
import { startPlatform } from '../server/platform/host/platform.ts'

// Walks through the chains of the audit log. The embedded database has one user at a time: stop the server first.
const { values } = parseArgs({ options: { heads: { type: 'string' } } })
if (existsSync('.env')) process.loadEnvFile('.env')
const env = readEnv(process.env)
const platform = await startPlatform(env, createLogger({ LOG_LEVEL: 'warn' })).catch((error: unknown) => {
  console.error(explainStartProblem(error) ?? error)
  process.exit(1)
})
const known = values.heads === undefined ? [] : readToldHeads(await readFile(values.heads, 'utf8'))
const { chains, events, broken } = await checkChains(platform.databases.maintenance, known)
await platform.close()
for (const { chain, number, problem } of broken) console.error(`${chain}: event ${number} ${problem}`)
console.log(
  `${events} events in ${chains} chains, ${known.length} heads from the log: ${broken.length === 0 ? 'as they were written' : `${broken.length} problems`}`,
)
process.exit(broken.length === 0 ? 0 : 1)
