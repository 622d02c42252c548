import type Stripe from 'stripe'
import type { Cents } from '#server/platform/money/index.ts'

type Paid = Pick<Stripe.Checkout.Session, 'amount_total' | 'currency' | 'payment_status'> & {
  total_details: Pick<Stripe.Checkout.Session.TotalDetails, 'amount_tax'> | null
}

/** What was paid for credit, tax aside; why nothing was in this form when it brings none. */
export function centsForCredit(session: Paid): { cents: Cents } | { problem: string } {
  const { amount_total: total, currency, payment_status: status } = session
  if (status !== 'paid') return { problem: `it is ${status}` }
  if (currency !== 'usd') return { problem: `it was paid in ${currency ?? 'no currency'}, and credit is in US dollars` }
  const cents = (total ?? 0) - (session.total_details?.amount_tax ?? 0)
  return Number.isSafeInteger(cents) && cents > 0 ? { cents } : { problem: `its amount is ${String(total)}` }
}
