import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { PlanName } from '../billing/billing.contract.ts'

export const ListSubscriptions = z.object({})

const SubscriptionPurpose = z.enum(['plan', 'storage']).meta({
  id: 'SubscriptionPurpose',
  description: 'What a subscription is for.',
  'x-enumDescriptions': { plan: 'The plan of the account.', storage: 'Room for files besides that of the plan.' },
})

export const PaidSubscription = z
  .object({
    id: z.string().describe('Its id at Stripe.'),
    purpose: SubscriptionPurpose,
    plan: PlanName.nullable(),
    storageGb: z.int().min(0).describe('Room for files it brings, in GiB.'),
    status: z.string().describe('As Stripe calls it: `active`, `trialing` or `past_due`.'),
    isEnding: z.boolean().describe('Whether it was cancelled, and ends when what was paid for is over.'),
    trialEndsAt: timestamp.nullable().describe('When its free days are over.'),
    periodEndsAt: timestamp.describe('Until when it is paid, or tried.'),
  })
  .meta({ id: 'PaidSubscription', description: 'What an account pays for every month.' })
export type PaidSubscription = z.infer<typeof PaidSubscription>

export const SubscriptionList = z.array(PaidSubscription)

export const ChangePlan = z.object({ plan: PlanName })
export type ChangePlan = z.infer<typeof ChangePlan>

export const OpenPortal = z.object({})

export const PortalPage = z
  .object({ url: z.url().describe('Where to send the browser; good for a few minutes.') })
  .meta({ id: 'PortalPage', description: 'The page of Stripe where an account looks after its card, invoices and cancellation.' })
export type PortalPage = z.infer<typeof PortalPage>

export const ListInvoices = z.object({})

export const Invoice = z
  .object({
    id: z.string().describe('Its id at Stripe.'),
    number: z.string().nullable().describe('The number on it; null for a draft.'),
    status: z.string().describe('As Stripe calls it: `draft`, `open`, `paid`, `uncollectible` or `void`.'),
    amount: z.string().describe('What it is about, with the sign of its currency.'),
    createdAt: timestamp.describe('When it was made.'),
    url: z.url().nullable().describe('A page that shows it.'),
    pdf: z.url().nullable().describe('The same to keep.'),
  })
  .meta({ id: 'Invoice', description: 'An invoice of Stripe.' })
export type Invoice = z.infer<typeof Invoice>

/** Invoices one answer has. */
export const MAX_INVOICES = 24

export const InvoiceList = z.array(Invoice).max(MAX_INVOICES)
