import type Stripe from 'stripe'

const signs: Readonly<Record<string, string>> = { gbp: '£', usd: '$', eur: '€' }

/** An amount in the smallest unit of a currency with two places, as people write it: 2900 gbp is £29.00. */
export function formatCents(cents: number, currency: string): string {
  const digits = String(cents).padStart(3, '0')
  const amount = `${digits.slice(0, -2)}.${digits.slice(-2)}`
  const sign = signs[currency.toLowerCase()]
  return sign === undefined ? `${amount} ${currency.toUpperCase()}` : `${sign}${amount}`
}

type Paid = Pick<Stripe.Checkout.Session, 'amount_total' | 'currency' | 'payment_status'> & {
  total_details: Pick<Stripe.Checkout.Session.TotalDetails, 'amount_tax'> | null
}

/** What was paid for credit, tax aside; why nothing was in this form when it brings none. */
export function centsForCredit(session: Paid): { cents: number } | { problem: string } {
  const { amount_total: total, currency, payment_status: status } = session
  if (status !== 'paid') return { problem: `it is ${status}` }
  if (currency !== 'usd') return { problem: `it was paid in ${currency ?? 'no currency'}, and credit is in US dollars` }
  const cents = (total ?? 0) - (session.total_details?.amount_tax ?? 0)
  return Number.isSafeInteger(cents) && cents > 0 ? { cents } : { problem: `its amount is ${String(total)}` }
}
