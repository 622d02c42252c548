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

const ReferralStatus = z.enum(['pending', 'credited', 'capped']).meta({
  id: 'ReferralStatus',
  description: 'What became of a referral.',
  'x-enumDescriptions': {
    pending: 'Both sides get their credit once the address of the new account is verified, or its first deposit has arrived.',
    credited: 'Both sides have got their credit.',
    capped: 'No credit: the referrer has had as much as one account can.',
  },
})

export const Referral = z
  .object({
    status: ReferralStatus,
    credits: z.number().min(0).describe('Credits this account gets by it, or has got; 0 when it is capped.'),
  })
  .meta({ id: 'Referral', description: 'How an account came by the referral code of another one.' })
export type Referral = z.infer<typeof Referral>

export const Referrals = z
  .object({
    pending: z.int().min(0).describe('Accounts whose address is not verified yet, and that have paid nothing.'),
    credited: z.int().min(0).describe('Accounts that both sides have got credit for.'),
    limit: z.int().min(0).describe('Most accounts that one can get credit for; `pending` ones beyond it bring none.'),
  })
  .meta({ id: 'Referrals', description: 'The accounts that were made with a referral code.' })
export type Referrals = z.infer<typeof Referrals>
