import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'

export const PlanName = z
  .enum(['solo', 'collective', 'label', 'network'])
  .meta({ id: 'PlanName', description: 'A plan that can be bought.' })
export const AccountPlan = z
  .enum(['free', 'solo', 'collective', 'label', 'network'])
  .meta({ id: 'AccountPlan', description: 'Plan of an account. `free` means no paid plan.' })

export const GetTrial = z.object({})

export const Trial = z
  .object({
    trial: z.boolean().describe('Whether the account is or was on trial and has no plan yet.'),
    expired: z.boolean().optional(),
    daysLeft: z.int().min(0).optional().describe('Days that have begun count in full.'),
    endsAt: timestamp.optional(),
    plan: AccountPlan.optional(),
  })
  .meta({ id: 'Trial' })
export type Trial = z.infer<typeof Trial>
