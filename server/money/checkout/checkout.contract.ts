import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { PlanName } from '../billing/billing.contract.ts'

export const CheckoutPage = z
  .object({ url: z.url().describe('Where to send the browser.') })
  .meta({ id: 'CheckoutPage', description: 'A page of Stripe to pay at.' })
export type CheckoutPage = z.infer<typeof CheckoutPage>

export const VisitCheckout = z.object({
  plan: z.string().default('').describe('Plan to buy: solo, collective, label or network; case does not matter.'),
})
export type VisitCheckout = z.infer<typeof VisitCheckout>

export const VisitedCheckout = z
  .object({
    url: z.string().describe('Where to send the browser: the page of Stripe, or for an admin, who pays nothing, one of this server.'),
  })
  .meta({ id: 'VisitedCheckout', description: 'Where a link to a checkout leads.' })
export type VisitedCheckout = z.infer<typeof VisitedCheckout>

export const BuyPlan = z.object({ plan: PlanName })
export type BuyPlan = z.infer<typeof BuyPlan>

export const BuyCreditsByPrice = z.object({
  price: z.string().default('').describe('Id of a price at Stripe, from the list the operator allows.'),
})
export type BuyCreditsByPrice = z.infer<typeof BuyCreditsByPrice>

export const CreditPackName = z.enum(['50', '200', '500']).meta({
  id: 'CreditPackName',
  description: 'A pack of credits.',
  'x-enumDescriptions': { '50': '5 credits for $5.', '200': '15 credits for $15.', '500': '30 credits for $30.' },
})

export const BuyCredits = z
  .object({
    pack: CreditPackName.optional(),
    /** Used when `pack` is missing. */
    amount: CreditPackName.optional(),
  })
  .refine(({ pack, amount }) => pack !== undefined || amount !== undefined, { path: ['pack'], message: 'expected 50, 200 or 500' })
export type BuyCredits = z.infer<typeof BuyCredits>

export const CreditsOrdered = z
  .object({
    success: z.literal(true).describe('Always true.'),
    credits: z.int().min(1).describe('Credits the pack has; they come once it is paid.'),
    price: z.string().describe('What it costs, in US dollars.'),
    url: z.url().describe('Where to pay.'),
    status: z.literal('pending').describe('Nothing was paid yet.'),
  })
  .meta({ id: 'CreditsOrdered', description: 'A pack of credits that is to be paid.' })
export type CreditsOrdered = z.infer<typeof CreditsOrdered>

export const BuyStorage = z.object({})

export const VerifyCheckout = z.object({ session_id: z.string().min(1).max(255).describe('Id of the checkout at Stripe.') })
export type VerifyCheckout = z.infer<typeof VerifyCheckout>

export const CheckoutVerified = z
  .object({
    plan: PlanName,
    status: z.literal('active').describe('The plan is on; a free trial counts.'),
    nextBilling: timestamp.nullable().describe('When the next payment is due.'),
    customerId: z.string().describe('Who pays, at Stripe.'),
    subscriptionId: z.string().nullable().describe('The subscription at Stripe.'),
  })
  .meta({ id: 'CheckoutVerified', description: 'What a checkout has brought.' })
export type CheckoutVerified = z.infer<typeof CheckoutVerified>
