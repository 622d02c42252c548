import { existsSync } from 'node:fs'
import { verifyBilling } from '../server/money/stripe-webhooks/index.ts'
import { AppError } from '../server/platform/core/index.ts'
import { readEnv } from '../server/platform/core/env.ts'
import { createLogger } from '../server/platform/core/log.ts'
import { explainStartProblem } from '../server/platform/host/start-problems.ts'
import { startPlatform } from '../server/platform/host/platform.ts'

// Compares what is stored with what Stripe has, and mends it. The embedded database has one user at a time: stop the server first.
if (existsSync('.env')) process.loadEnvFile('.env')
const env = readEnv(process.env)
const platform = await startPlatform(env, createLogger({ LOG_LEVEL: 'error' })).catch((error: unknown) => {
  console.error(explainStartProblem(error) ?? error)
  process.exit(1)
})
const verified = await verifyBilling(platform).catch((error: unknown) => {
  console.error(error instanceof AppError ? error.message : error)
  return undefined
})
await platform.close()
if (!verified) process.exit(1)
const { events, subscriptions, checkouts, failed } = verified
console.log(`${events} events had not arrived, and have had their effect now.`)
console.log(`${subscriptions.checked} subscriptions looked at, ${subscriptions.mended} of them mended.`)
console.log(`${checkouts.checked} open checkouts looked at, ${checkouts.mended} of them mended.`)
if (failed > 0) console.error(`${failed} could not be looked at; the log says why.`)
process.exit(failed === 0 ? 0 : 1)
