import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { AccountPlan } from '../billing/billing.contract.ts'

export const GetCredits = z.object({})

export const Credits = z
  .object({
    credits: z.number().min(0).describe('Credits left. One credit is a US dollar.'),
    referralCode: z.string().nullable().describe('With it somebody else registers, and both sides get credit.'),
    referralCount: z.int().min(0).describe('Accounts that registered with it.'),
    plan: AccountPlan,
    owedCredits: z
      .number()
      .min(0)
      .describe('Credits that were spent and whose payment went back to the payer since. The next credits pay for them.'),
  })
  .meta({ id: 'Credits', description: 'The prepaid balance of an account.' })
export type Credits = z.infer<typeof Credits>

export const ListCreditHistory = z.object({})

export const CreditEntry = z
  .object({
    id: z.string().describe('Tells it from the others.'),
    credits: z.number().describe('What came in, or below zero what went out.'),
    reason: z.string().describe('What for.'),
    createdAt: timestamp.describe('When it was booked.'),
  })
  .meta({ id: 'CreditEntry', description: 'One entry of the books for the prepaid balance of an account.' })
export type CreditEntry = z.infer<typeof CreditEntry>

/** Entries one plain answer has. */
export const MAX_CREDIT_ENTRIES = 100

export const CreditHistory = z.array(CreditEntry).max(MAX_CREDIT_ENTRIES)
