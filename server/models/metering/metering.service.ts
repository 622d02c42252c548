import { releaseHold, reserveCredits, settleHold } from '#server/money/billing/index.ts'
import { nanoUsdOfMicroUsd, type MicroUsd } from '#server/platform/money/index.ts'
import { type Spender, budgetGateOf, budgetsOf, limitsCost, NOTHING } from '#server/money/budgets/index.ts'
import {
  accountOf,
  hasAccount,
  type AccountContext,
  type Context,
  type Platform,
  newId,
  countModelCall,
} from '#server/platform/core/index.ts'
import { UsageBuffer } from './usage-buffer.ts'
import type { UsageRow } from './metering.queries.ts'

/** One call of a model, as those who made it know it. */
export type ModelUsageRecord = Omit<UsageRow, 'id' | 'accountId' | 'keyId' | 'isPrepaid' | 'createdAt' | 'agentId'> & {
  agentId?: string | null
}

const meters = new WeakMap<Platform, UsageBuffer>()

const usageBufferOf = (platform: Platform): UsageBuffer => {
  let meter = meters.get(platform)
  if (!meter) {
    meters.set(platform, (meter = new UsageBuffer(platform)))
    platform.beforeClose(async () => {
      await meter!.flush()
      meter!.journal.close()
    })
  }
  return meter
}

/**
 * Counts a call at once, of the caller's account or of the one it was paid for; it is stored moments later, together with
 * others. A call that is nobody's is not counted.
 *
 * @param id Of a call that was written down when it began.
 */
export function recordUsage(ctx: Context, record: ModelUsageRecord, id: string = newId('usage')): void {
  const row = rowOf(ctx, id, record)
  if (!row) return
  countModelCall(record)
  usageBufferOf(ctx.platform).add(row)
}

/** As much as is known of a call before its provider is asked. */
export type BegunCall = Pick<ModelUsageRecord, 'kind' | 'provider' | 'model' | 'isOwnKey' | 'inputTokens' | 'costNanoUsd' | 'agentId'>

/**
 * Writes down that a call is about to be made: should this server be killed, that is what is counted of it.
 *
 * @returns the id to record it with.
 */
export function beginUsage(ctx: Context, call: BegunCall): string {
  const id = newId('usage')
  noteUsage(ctx, id, { ...call, outcome: 'aborted', outputTokens: null, isEstimated: true, latencyMs: 0, firstTokenMs: null })
  return id
}

/** Writes down a call that is stored elsewhere later, in case this server is killed before. */
export function noteUsage(ctx: Context, id: string, record: ModelUsageRecord): void {
  const row = rowOf(ctx, id, record)
  if (row) usageBufferOf(ctx.platform).journal.note(row)
}

/** Calls that were noted are stored. */
export const forgetNoted = (platform: Platform, ids: readonly string[]): void => usageBufferOf(platform).journal.forget(ids)

/** Undefined for a call that is nobody's. */
function rowOf(ctx: Context, id: string, record: ModelUsageRecord): UsageRow | undefined {
  const accountId = hasAccount(ctx) ? accountOf(ctx) : ctx.prepaidFor
  if (accountId === undefined) return undefined
  const { keyId, agentId } = ctx.actor.kind === 'key' ? ctx.actor : { keyId: null, agentId: null }
  return {
    agentId,
    ...record,
    id,
    accountId,
    keyId,
    isPrepaid: !hasAccount(ctx) || ctx.prepaidFor !== undefined,
    createdAt: new Date().toISOString(),
  }
}

/** Resolves once everything that was recorded on this server is stored, for those who read it. */
export const flushUsage = (platform: Platform): Promise<void> => usageBufferOf(platform).flush()

/**
 * Whether the account may call a model now: something is left of every budget the call counts against. How much the call may take is
 * set aside when it is about to be made.
 *
 * @throws QuotaExceeded when the tokens of the plan are used up; SpendLimitReached for the key's own limit; BudgetReached.
 */
export async function enforceQuota(ctx: AccountContext, spender?: Spender): Promise<void> {
  // Whether a call takes a unit of the plan is known once it is known on whose key it goes out.
  const budgets = (await budgetsOf(ctx, spender)).filter(({ unit }) => unit !== 'calls')
  if (budgets.length === 0) return
  const gate = budgetGateOf(ctx.platform)
  if (gate.isAtHand(budgets)) return gate.requireSomeLeft(budgets)
  await flushUsage(ctx.platform)
  const reservation = await gate.reserve(budgets, { least: ANYTHING, most: ANYTHING })
  reservation.settle(NOTHING)
}

const ANYTHING = { nanoUsd: 1, tokens: 1, planTokens: 1, calls: 0 }

/** The model that answers instead of what is asked for, since so much of a budget is used; undefined for what is asked for. */
export async function cheaperModelFor(ctx: Context, spender?: Spender): Promise<string | undefined> {
  if (!hasAccount(ctx) || ctx.prepaidFor !== undefined) return undefined
  const gate = budgetGateOf(ctx.platform)
  const reached = (await budgetsOf(ctx, spender)).find(
    (budget) => budget.downgrade && gate.percentSpent(budget) >= budget.downgrade.percent,
  )
  return reached?.downgrade?.model
}

/** Whether a budget limits what the call may cost, so that it has to have a price. */
export const needsPrice = async (ctx: Context, spender?: Spender): Promise<boolean> =>
  hasAccount(ctx) && ctx.prepaidFor === undefined && limitsCost(await budgetsOf(ctx, spender))

/**
 * Sets credits of the account aside, of which its budgets in dollars have to have as much left.
 *
 * @returns how to end it: `settle` takes all of it, `release` gives it back.
 * @throws InsufficientCredits; SpendLimitReached, BudgetReached
 */
export async function reserveWithinLimit(ctx: AccountContext, amountMicroUsd: MicroUsd, reason: string): Promise<HeldCredits> {
  const { platform, actor } = ctx
  const budgets = (await budgetsOf(ctx)).filter(({ unit }) => unit === 'nano_usd')
  const amounts = { ...NOTHING, nanoUsd: nanoUsdOfMicroUsd(amountMicroUsd) }
  const gate = budgetGateOf(platform)
  if (!gate.isAtHand(budgets)) await flushUsage(platform)
  const reservation = await gate.reserve(budgets, { least: amounts, most: amounts })
  try {
    const holdId = await reserveCredits(platform, accountOf(ctx), amountMicroUsd, reason, limitedKeyOf({ actor }))
    return {
      async settle() {
        await settleHold(platform, holdId, amountMicroUsd)
        reservation.settle(amounts)
      },
      async release() {
        await releaseHold(platform, holdId)
        reservation.settle(NOTHING)
      },
    }
  } catch (error) {
    reservation.settle(NOTHING)
    throw error
  }
}

/** Credits that are set aside for a call. */
interface HeldCredits {
  settle(): Promise<void>
  release(): Promise<void>
}

/** The calling key, where it may spend only so much: what is done for the call later, or elsewhere, counts against it. */
export const limitedKeyOf = ({ actor }: Pick<Context, 'actor'>): string | null =>
  actor.kind === 'key' && actor.spendLimitCents !== null ? actor.keyId : null
