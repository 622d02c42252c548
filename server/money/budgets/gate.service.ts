import { accountOf, inTransaction, type AccountContext, type Platform } from '#server/platform/core/index.ts'
import { getEntitlements } from '../billing/index.ts'
import { nanoUsdOfCents } from '#server/platform/money/index.ts'
import type { Budget } from './budget.ts'
import { BudgetList } from './budget-list.ts'
import * as queries from './budgets.queries.ts'
import { BudgetGate } from './gate.ts'
import { tellOfBudgets } from './notices.service.ts'

interface Gate {
  list: BudgetList
  gate: BudgetGate
}

const gates = new WeakMap<Platform, Gate>()

function gateOf(platform: Platform): Gate {
  let known = gates.get(platform)
  if (!known) {
    const tell = () =>
      void tellOfBudgets(platform).catch((error: unknown) => platform.log.error({ err: error }, 'could not tell of a budget'))
    gates.set(platform, (known = { list: new BudgetList(platform), gate: new BudgetGate(platform, tell) }))
    const { gate } = known
    platform.beforeClose(() => gate.close())
  }
  return known
}

/** The gate of a server, which all its calls go through. */
export const budgetGateOf = (platform: Platform): BudgetGate => gateOf(platform).gate

/** Starts to hear of changed budgets, and of servers that need what this one holds. */
export async function watchBudgets(platform: Platform, { list, gate } = gateOf(platform)): Promise<void> {
  const { databases } = platform
  await databases.listen('budgets', {
    onMessage: (accountId) => list.forget(accountId),
    onChange: (isListening) => list.setListening(isListening),
  })
  await databases.listen('budgets_wanted', { onMessage: (budgetId) => gate.giveBack(budgetId), onChange: () => undefined })
}

/** What a call is for, where the credential does not say it. */
export interface Spender {
  /** The agent that is at work. */
  agentId?: string | null
}

/**
 * The budgets a call of a model counts against: what the plan includes, the limit of its key, and what people have set for the
 * workspace, the member, the agent and the key. All of them have to allow it.
 */
export async function budgetsOf(ctx: AccountContext, spender: Spender = {}): Promise<readonly Budget[]> {
  const { list } = gateOf(ctx.platform)
  const accountId = accountOf(ctx)
  const set = list.find(accountId) ?? (await list.read(accountId))
  const given = givenLimits(ctx)
  if (set.length === 0) return given
  const { actor } = ctx
  const keyId = actor.kind === 'key' ? actor.keyId : null
  const agentId = spender.agentId ?? (actor.kind === 'key' ? actor.agentId : null)
  const memberId = actor.kind === 'session' ? actor.user.id : actor.kind === 'key' ? actor.createdBy : null
  const owners = { workspace: accountId, member: memberId, agent: agentId, key: keyId, plan: null }
  return [...given, ...set.filter(({ kind, ownerId }) => owners[kind] === ownerId)]
}

/** The limits that are kept with the plan and with the key. */
function givenLimits(ctx: AccountContext): Budget[] {
  const accountId = accountOf(ctx)
  const { actor } = ctx
  const { monthlyTokens, dailyUnits } = getEntitlements(ctx)
  const monthly = { accountId, period: 'month', zone: 'UTC', downgrade: null } as const
  const limits: Budget[] = []
  if (monthlyTokens !== null)
    limits.push({ ...monthly, id: `plan:${accountId}`, kind: 'plan', ownerId: accountId, unit: 'tokens', cap: monthlyTokens })
  if (dailyUnits !== null)
    limits.push({ ...monthly, period: 'day', id: `units:${accountId}`, kind: 'plan', ownerId: accountId, unit: 'calls', cap: dailyUnits })
  if (actor.kind === 'key' && actor.spendLimitCents !== null) {
    const cap = nanoUsdOfCents(actor.spendLimitCents)
    limits.push({ ...monthly, id: `key:${actor.keyId}`, kind: 'key', ownerId: actor.keyId, unit: 'nano_usd', cap })
  }
  return limits
}

/** Whether a budget limits what calls cost, so that they need a price. */
export const limitsCost = (budgets: readonly Budget[]): boolean => budgets.some(({ unit }) => unit === 'nano_usd')

/** Counts what servers that died held of budgets as spent. */
export const forfeitLeasesOfDead = (platform: Platform): Promise<void> => forfeit(platform, false)

/** The same of all other servers: for one that knows it is the only one, when it starts. */
export const forfeitInterruptedLeases = (platform: Platform): Promise<void> => forfeit(platform, true)

const forfeit = ({ databases, serverId }: Platform, areOthersGone: boolean): Promise<void> =>
  inTransaction(databases.system, async (db) => {
    const periods = await queries.lockPeriodsOfDead(db, serverId, areOthersGone)
    if (periods.length > 0) await queries.forfeitLeases(db, serverId, areOthersGone)
  })

/** Periods are kept for so long, as what was used is. */
const KEPT_DAYS = 400

/** Forgets what was spent in windows long ago. */
export const forgetOldPeriods = ({ databases }: Platform) => queries.removeOldPeriods(databases.system, KEPT_DAYS)
