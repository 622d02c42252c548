import { agents } from '#server/agents/definitions/index.ts'
import { getStorageUse } from '#server/agents/files/index.ts'
import { getTrial, getEntitlements, type PlanName, plans } from '#server/money/billing/index.ts'
import { providerKeys } from '#server/models/catalogue/index.ts'
import { flushUsage } from '#server/models/metering/index.ts'
import { readPlanUse } from '#server/money/budgets/index.ts'
import type { AccountContext, SessionContext } from '#server/platform/core/index.ts'
import type { BillingInfo, ByokChanged, DailyUnitsNow, EnableByok, PlanUse, Plans } from './billing-info.contract.ts'

const NO_LIMIT = -1

/** The plans, that of the account, and what it used today. */
export async function getBilling(ctx: AccountContext): Promise<BillingInfo> {
  const { account } = ctx.actor
  const { plan, status } = getEntitlements(ctx)
  const { trial, expired = false, daysLeft = 0, endsAt } = await getTrial(ctx)
  return {
    plans: describePlans(),
    currentPlan: plan,
    subscriptionStatus:
      plan === 'free' && account.subscriptionStatus === 'cancelled' ? 'cancelled' : status === 'expired' ? 'inactive' : status,
    graceEndsAt: account.subscriptionStatus === 'past_due' ? account.graceEndsAt : null,
    takesPayments: ctx.platform.env.STRIPE_SECRET_KEY !== undefined,
    byokEnabled: (await providerKeys.listProviderKeys(ctx)).length > 0,
    usage: await getUnits(ctx),
    trial: trial && endsAt !== undefined ? { expired, daysLeft, endsAt } : null,
  }
}

/** The plans that can be bought, for whoever wants to know. */
export const listPlans = async (): Promise<Plans> => describePlans()

const describePlans = (): Plans => ({
  solo: describePlan('solo'),
  collective: describePlan('collective'),
  label: describePlan('label'),
  network: describePlan('network'),
})

function describePlan(name: PlanName): Plans[PlanName] {
  const { price, agents, dailyUnits, memoryGb } = plans[name]
  const agentCount = agents < 0 ? 'Any number of agents' : agents === 1 ? '1 agent' : `${agents} agents`
  return {
    name: `${name[0]!.toUpperCase()}${name.slice(1)}`,
    price,
    currency: 'GBP',
    agents,
    dailyUnits,
    features: [agentCount, `${memoryGb} GB`],
  }
}

/** Calls that ended just now are counted too. */
async function readUse(ctx: AccountContext): Promise<{ units: number; tokens: number }> {
  await flushUsage(ctx.platform)
  return readPlanUse(ctx)
}

async function getUnits(ctx: AccountContext): Promise<BillingInfo['usage']> {
  const { dailyUnits: limit } = getEntitlements(ctx)
  const { units: used } = await readUse(ctx)
  return { dailyUnits: limit ?? NO_LIMIT, used, remaining: limit === null ? NO_LIMIT : Math.max(0, limit - used) }
}

/** How much of the limits of its plan the account uses. */
export async function getPlanUse(ctx: AccountContext): Promise<PlanUse> {
  const { agentLimit, monthlyTokens, dailyUnits } = getEntitlements(ctx)
  const [use, storage] = [await readUse(ctx), await getStorageUse(ctx)]
  return {
    agents: { current: await agents.countAgents(ctx), limit: agentLimit },
    monthlyTokens: { current: use.tokens, limit: monthlyTokens },
    dailyUnits: { current: use.units, limit: dailyUnits },
    storageBytes: { current: storage.usedBytes, limit: storage.limitBytes },
  }
}

/** What of today's units is used. */
export const getDailyUsage = async (ctx: AccountContext): Promise<DailyUnitsNow> => ({ ...(await getUnits(ctx)), resetsAt: 'midnight UTC' })

/**
 * Has calls to a provider's models go out on the account's own key, which is stored encrypted.
 *
 * @throws InvalidInput when the provider refuses the key.
 */
export async function enableByok(ctx: SessionContext, input: EnableByok): Promise<ByokChanged> {
  const { provider } = await providerKeys.setProviderKey(ctx, input)
  return { success: true, message: `Calls now go out on your ${provider} key.` }
}

/** Removes all keys of the account's own: calls go out on the server's keys again. */
export async function disableByok(ctx: SessionContext): Promise<ByokChanged> {
  await providerKeys.removeAllProviderKeys(ctx)
  return { success: true, message: 'Calls now use platform credits.' }
}
