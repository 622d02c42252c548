import { correctWindows } from '#server/money/budgets/index.ts'
import { jobContext } from '#server/platform/account/index.ts'
import { inTransaction, newId, type AccountContext, type Platform } from '#server/platform/core/index.ts'
import { queue, type ServerJobHandler } from '#server/platform/jobs/index.ts'
import { operatorKey, readProviderKeys, type Credentials } from '../catalogue/index.ts'
import { lookUpCall, type BookedCount } from '../wires/index.ts'
import { differenceOf, figuresOf } from './lookup.rules.ts'
import * as queries from './lookup.queries.ts'
import { CallNotBooked } from './metering.errors.ts'

export const USAGE_LOOKUP = 'usage-lookup'

/** A provider has most calls in its books after some seconds; one that is not there after some hours never will be. */
const FIRST_AFTER_MS = 5_000
const RETRY_DELAYS_MS = [30_000, 2 * 60_000, 10 * 60_000, 60 * 60_000, 3 * 60 * 60_000]

/** Queues a question for each call whose provider did not say what it took and can be asked. */
export const queueLookups = ({ databases }: Platform): Promise<void> =>
  inTransaction(databases.system, async (db) => {
    const ids = await queries.claimDue(db)
    const runAt = new Date(Date.now() + FIRST_AFTER_MS).toISOString()
    const job = { accountId: null, agentId: null, type: USAGE_LOOKUP, maxAttempts: RETRY_DELAYS_MS.length + 1, runAt }
    await queue.insertJobs(
      db,
      ids.map((usageId) => ({ ...job, id: newId('job'), payload: { usageId } })),
    )
  })

type ReadAgentKeys = (ctx: AccountContext, agentId: string) => Promise<Credentials>

/**
 * Asks the provider of a call what it took, and corrects what was estimated. A call it does not know in the end stays as it is.
 *
 * @param readAgentKeys The keys an agent has of its own.
 */
export const usageLookup = (readAgentKeys: ReadAgentKeys): ServerJobHandler => ({
  isOfServer: true,
  refused: 'failed',
  retryDelaysMs: RETRY_DELAYS_MS,
  async run(platform, { payload, attempts, maxAttempts }) {
    const { system } = platform.databases
    const { usageId } = payload as { usageId: string }
    const call = await queries.findAsked(system, usageId)
    if (!call) return { outcome: 'gone' }
    const keys = await keysFor(platform, call, readAgentKeys)
    try {
      const count = await askWith(keys, platform, call)
      await correct(platform, call.id, count)
      return { outcome: 'corrected' }
    } catch (error) {
      if (!(error instanceof CallNotBooked)) throw error
      if (platform.shutdown.aborted || (attempts < maxAttempts && keys.length > 0)) throw error
      platform.log.warn({ err: error.cause, usageId }, 'what a model call took stays an estimate: its provider does not say')
      await queries.giveUp(system, usageId)
      return { outcome: 'unknown' }
    }
  },
})

/** The keys the call may have been made with. */
async function keysFor(platform: Platform, call: queries.AskedCall, readAgentKeys: ReadAgentKeys): Promise<string[]> {
  if (!call.isOwnKey) return [operatorKey(platform.env, 'openrouter')].filter((key) => key !== undefined)
  const ctx = await jobContext(platform, call.accountId)
  if (!ctx) return []
  const ofAgent = call.agentId === null ? undefined : (await readAgentKeys(ctx, call.agentId)).openrouter
  const { openrouter: ofAccount } = await readProviderKeys(ctx)
  return [...new Set([ofAgent, ofAccount])].filter((key) => key !== undefined)
}

/** @throws CallNotBooked */
async function askWith(keys: string[], { env, shutdown }: Platform, { generationId }: queries.AskedCall): Promise<BookedCount> {
  let problem: unknown
  for (const apiKey of keys) {
    try {
      const count = await lookUpCall(env, { apiKey, generationId }, shutdown)
      if (count) return count
    } catch (error) {
      problem = error
    }
  }
  throw new CallNotBooked(problem)
}

/** Stores what the call took, and corrects what was counted of it by the difference, all or nothing and once. */
const correct = ({ databases }: Platform, usageId: string, count: BookedCount): Promise<void> =>
  inTransaction(databases.system, async (db) => {
    const call = await queries.lockAsked(db, usageId)
    if (!call) return
    const figures = figuresOf(call.outcome, count)
    await queries.storeAnswer(db, usageId, figures)
    // A call that was paid by itself counts against nothing.
    if (call.isPrepaid) return
    const { tokens, nanoUsd } = differenceOf(call, figures)
    const planTokens = call.isOwnKey ? 0 : tokens
    await queries.correctMonth(db, usageId, { tokens: planTokens, nanoUsd })
    if (call.countedIn) await correctWindows(db, { ...call, countedIn: call.countedIn, tokens, planTokens, nanoUsd })
  })
