import { z } from 'zod'
import { evmAddress } from '#server/platform/core/common.contract.ts'
import { EventReceived, ReceiveStripeEvent, StripeEvent } from '../stripe-webhooks/stripe-webhooks.contract.ts'

export { EventReceived, ReceiveStripeEvent, StripeEvent }

const AMOUNTS = [500, 1000, 2500, 5000]

export const StartTopUp = z.object({
  amount: z
    .int()
    .refine((cents) => AMOUNTS.includes(cents), 'expected 500, 1000, 2500 or 5000')
    .default(1000)
    .describe('US cents: 500, 1000, 2500 or 5000.'),
  address: evmAddress.describe('Wallet to credit: one that is kept here, or that somebody signs in with.'),
})
export type StartTopUp = z.output<typeof StartTopUp>

export const TopUpStarted = z
  .object({ url: z.url().describe('Where to pay.'), sessionId: z.string().describe('Id of the checkout at Stripe.') })
  .meta({ id: 'WalletTopUpStarted', description: 'A page of Stripe where a wallet is topped up.' })
export type TopUpStarted = z.infer<typeof TopUpStarted>
