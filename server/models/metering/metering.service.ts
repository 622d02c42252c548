import { microUsdWithin, nanoUsdOfCents, nanoUsdOfMicroUsd } from '#server/platform/money/index.ts'
import { getEntitlements, BudgetExceeded, creditsSpentBy, reserveCredits } from '#server/money/billing/index.ts'
import {
  accountOf,
  hasAccount,
  type AccountContext,
  type AccountId,
  type Context,
  type Platform,
  newId,
  countModelCall,
} from '#server/platform/core/index.ts'
import { UsageBuffer } from './usage-buffer.ts'
import { QuotaExceeded, SpendLimitReached } from './metering.errors.ts'
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
    platform.beforeClose(() => meter!.flush())
  }
  return meter
}

/**
 * Counts a call at once, of the caller's account or of the one it was paid for; it is stored moments later, together with
 * others. A call that is nobody's is not counted.
 */
export function recordUsage(ctx: Context, record: ModelUsageRecord): void {
  const accountId = hasAccount(ctx) ? accountOf(ctx) : ctx.prepaidFor
  if (accountId === undefined) return
  const { keyId, agentId } = ctx.actor.kind === 'key' ? ctx.actor : { keyId: null, agentId: null }
  countModelCall(record)
  usageBufferOf(ctx.platform).add({
    agentId,
    ...record,
    id: newId('usage'),
    accountId,
    keyId,
    isPrepaid: !hasAccount(ctx),
    createdAt: new Date().toISOString(),
  })
}

/** Resolves once everything that was recorded on this server is stored, for those who read it. */
export const flushUsage = (platform: Platform): Promise<void> => usageBufferOf(platform).flush()

/** Says that the account's calls were stored by somebody else, so that they are counted anew. */
export const forgetCounted = (platform: Platform, accountId: AccountId): void => usageBufferOf(platform).forget(accountId)

/**
 * Whether the account may call a model now. Calls that are under way when a limit is reached are
 * finished: what they cost is known only afterwards.
 *
 * @throws QuotaExceeded when the tokens of the plan are used up; SpendLimitReached for the key's own limit.
 */
export async function enforceQuota(ctx: AccountContext): Promise<void> {
  const { monthlyTokens } = getEntitlements(ctx)
  const { actor } = ctx
  const spendLimitCents = spendLimitOf(ctx)
  if (monthlyTokens === null && spendLimitCents === null) return
  const month = await usageBufferOf(ctx.platform).readMonth(ctx.db, accountOf(ctx))
  if (monthlyTokens !== null && month.tokens >= monthlyTokens) throw new QuotaExceeded(month.tokens, monthlyTokens)
  if (actor.kind !== 'key' || spendLimitCents === null) return
  const spentNanoUsd = (month.costByKey.get(actor.keyId) ?? 0) + nanoUsdOfMicroUsd(await creditsSpentBy(ctx.platform, actor.keyId))
  if (spentNanoUsd >= nanoUsdOfCents(spendLimitCents)) throw new SpendLimitReached(spentNanoUsd, spendLimitCents)
}

/**
 * Sets credits of the account aside, of which a key with a spend limit takes no more than its model calls have left.
 *
 * @returns the id of the hold.
 * @throws InsufficientCredits; SpendLimitReached
 */
export async function reserveWithinLimit(ctx: AccountContext, amountMicroUsd: number, reason: string): Promise<string> {
  const { actor, platform } = ctx
  const limitCents = spendLimitOf(ctx)
  if (actor.kind !== 'key' || limitCents === null) return reserveCredits(platform, accountOf(ctx), amountMicroUsd, reason)
  const { costByKey } = await usageBufferOf(platform).readMonth(ctx.db, accountOf(ctx))
  const modelsNanoUsd = costByKey.get(actor.keyId) ?? 0
  const maxMicroUsd = microUsdWithin(nanoUsdOfCents(limitCents) - modelsNanoUsd)
  try {
    return await reserveCredits(platform, accountOf(ctx), amountMicroUsd, reason, { keyId: actor.keyId, maxMicroUsd })
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error
    throw new SpendLimitReached(modelsNanoUsd + nanoUsdOfMicroUsd(error.spentMicroUsd), limitCents)
  }
}

/** Most the calling API key may spend in a month, in US cents; null for no limit. What counts against it has to have a price. */
export const spendLimitOf = ({ actor }: Context): number | null => (actor.kind === 'key' ? actor.spendLimitCents : null)

/** The calling key, where it may spend only so much: what is done for the call later, or elsewhere, counts against it. */
export const limitedKeyOf = ({ actor }: Context): string | null =>
  actor.kind === 'key' && actor.spendLimitCents !== null ? actor.keyId : null
