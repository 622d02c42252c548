import {
  type Budget,
  type BudgetWindow,
  type Spender,
  budgetGateOf,
  budgetsOf,
  isPlanUsedUp,
  limitsCost,
  NOTHING,
} from '#server/money/budgets/index.ts'
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
  noteUsage(ctx, id, asBegun(call))
  return id
}

const asBegun = (call: BegunCall): ModelUsageRecord => ({
  ...call,
  outcome: 'aborted',
  outputTokens: null,
  isEstimated: true,
  latencyMs: 0,
  firstTokenMs: null,
})

/** Adds to what is written down of a call that has begun by which name its provider can be asked about it. */
export const nameUsage = (ctx: Context, id: string, call: BegunCall, generationId: string): void =>
  noteUsage(ctx, id, { ...asBegun(call), generationId, lookup: 'due' })

/** What is stored of a call that has a name at its provider, which is asked what it took if it did not say so. */
export const askedLater = (
  generationId: string | undefined,
  isCounted: boolean,
  charge: { windows: BudgetWindow[] } | undefined,
): Pick<UsageRow, 'generationId' | 'lookup' | 'countedIn'> =>
  generationId === undefined ? {} : isCounted ? { generationId } : { generationId, lookup: 'due', countedIn: charge?.windows ?? [] }

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
 * @param bringsKey Whether the call may go out on a key of the account's own, which takes nothing of the plan: whether it does is known
 * when something is set aside for it. Asked only when the plan is used up.
 * @throws QuotaExceeded when the tokens of the plan are used up; SpendLimitReached for the key's own limit; BudgetReached.
 */
export async function enforceQuota(ctx: AccountContext, bringsKey: () => boolean | Promise<boolean> = () => false): Promise<void> {
  // The same is true of the units of the plan.
  const budgets = (await budgetsOf(ctx)).filter(({ unit }) => unit !== 'calls')
  try {
    await requireSomeLeft(ctx, budgets)
  } catch (error) {
    if (!isPlanUsedUp(error) || !(await bringsKey())) throw error
    const others = budgets.filter(({ kind }) => kind !== 'plan')
    await requireSomeLeft(ctx, others)
  }
}

async function requireSomeLeft({ platform }: AccountContext, budgets: readonly Budget[]): Promise<void> {
  if (budgets.length === 0) return
  const gate = budgetGateOf(platform)
  if (gate.isAtHand(budgets)) return gate.requireSomeLeft(budgets)
  await flushUsage(platform)
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

/** The calling key, where it may spend only so much: what is done for the call later, or elsewhere, counts against it. */
export const limitedKeyOf = ({ actor }: Pick<Context, 'actor'>): string | null =>
  actor.kind === 'key' && actor.spendLimitCents !== null ? actor.keyId : null
