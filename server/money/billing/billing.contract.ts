import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'

export const PlanName = z.enum(['solo', 'collective', 'label', 'network']).meta({
  id: 'PlanName',
  description: 'A plan that can be bought.',
  'x-enumDescriptions': {
    solo: 'For one agent.',
    collective: 'For up to 3 agents.',
    label: 'For up to 10 agents.',
    network: 'For as many agents as are needed.',
  },
})
export const AccountPlan = z.enum(['free', 'solo', 'collective', 'label', 'network']).meta({
  id: 'AccountPlan',
  description: 'Plan of an account. `free` means no paid plan.',
  'x-enumDescriptions': {
    free: 'No paid plan.',
    solo: 'For one agent.',
    collective: 'For up to 3 agents.',
    label: 'For up to 10 agents.',
    network: 'For as many agents as are needed.',
  },
})

export const GetTrial = z.object({})

export const Trial = z
  .object({
    trial: z.boolean().describe('Whether the account is or was on trial and has no plan yet.'),
    expired: z.boolean().optional().describe('Whether it is over.'),
    daysLeft: z.int().min(0).optional().describe('Days that have begun count in full.'),
    endsAt: timestamp.optional().describe('When it is over.'),
    plan: AccountPlan.optional(),
  })
  .meta({ id: 'Trial', description: 'The state of the trial of an account.' })
export type Trial = z.infer<typeof Trial>
