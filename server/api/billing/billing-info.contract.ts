import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { AccountPlan } from '#server/money/billing/billing.contract.ts'
import { SetProviderKey } from '../ai/ai.contract.ts'

export const GetBilling = z.object({})
export const GetDailyUsage = z.object({})

const Plan = z
  .object({
    name: z.string().describe('What people call it.'),
    price: z.number().min(0).describe('Per month, in the currency.'),
    currency: z.literal('GBP').describe('Currency of the price.'),
    agents: z.int().min(-1).describe('Most agents; -1 means no limit.'),
    dailyUnits: z.int().min(-1).describe('Most calls of models on the keys of this server in a day (UTC); -1 means no limit.'),
    features: z.array(z.string()).describe('What it has, for people.'),
  })
  .meta({ id: 'Plan', description: 'A plan that can be bought.' })

const usageFields = {
  dailyUnits: z
    .int()
    .min(-1)
    .describe('Units of a day (UTC); -1 means no limit. A unit is one call of a model on the keys of this server.'),
  used: z.int().min(0).describe('Units used today.'),
  remaining: z.int().min(-1).describe('Units left today; -1 means no limit.'),
}

export const DailyUnits = z.object(usageFields).meta({ id: 'DailyUnits', description: "What is used and left of a day's units." })

export const DailyUnitsNow = z
  .object({ ...usageFields, resetsAt: z.string().describe('When the day starts over.') })
  .meta({ id: 'DailyUnitsNow', description: "What is used and left of today's units." })
export type DailyUnitsNow = z.infer<typeof DailyUnitsNow>

const TrialState = z
  .object({
    expired: z.boolean().describe('Whether it is over.'),
    daysLeft: z.int().min(0).describe('Days that have begun count in full.'),
    endsAt: timestamp.describe('When it is over.'),
  })
  .meta({ id: 'TrialState', description: 'How far a trial is.' })

export const ListPlans = z.object({})

export const Plans = z
  .object({ solo: Plan, collective: Plan, label: Plan, network: Plan })
  .meta({ id: 'Plans', description: 'The plans that can be bought.' })
export type Plans = z.infer<typeof Plans>

export const BillingInfo = z
  .object({
    plans: Plans,
    currentPlan: AccountPlan,
    subscriptionStatus: z.string().describe('As the payment provider calls it: active, trialing, past_due, cancelled, inactive and so on.'),
    graceEndsAt: timestamp.nullable().describe('The last payment failed, and the plan holds until then; null where none did.'),
    takesPayments: z.boolean().describe('Whether this server asks for money at all.'),
    byokEnabled: z.boolean().describe('Whether calls go out on keys of the account, for the providers it has keys of.'),
    usage: DailyUnits,
    trial: TrialState.nullable(),
  })
  .meta({ id: 'BillingInfo', description: 'The plans, that of the account, and what it used today.' })
export type BillingInfo = z.infer<typeof BillingInfo>

export const GetPlanUse = z.object({})

const Used = z
  .object({
    current: z.number().min(0).describe('What is there or used.'),
    limit: z.number().min(0).nullable().describe('Most there may be; null for no limit.'),
  })
  .meta({ id: 'PlanUsed', description: 'How much of one limit of the plan is used.' })

export const PlanUse = z
  .object({
    agents: Used,
    monthlyTokens: Used,
    dailyUnits: Used,
    storageBytes: Used,
  })
  .meta({ id: 'PlanUse', description: 'How much of the limits of its plan an account uses.' })
export type PlanUse = z.infer<typeof PlanUse>

export const EnableByok = SetProviderKey
export type EnableByok = z.infer<typeof EnableByok>
export const DisableByok = z.object({})

export const ByokChanged = z
  .object({ success: z.literal(true).describe('Always true.'), message: z.string().describe('What holds now, for people.') })
  .meta({ id: 'ByokChanged', description: 'Whose keys calls of models go out on from now on.' })
export type ByokChanged = z.infer<typeof ByokChanged>
