import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import { type Letter, sendMail } from '#server/integrations/mail/index.ts'
import { findAccount } from '#server/platform/account/index.ts'
import type { AccountId, Platform } from '#server/platform/core/index.ts'
import { type Cents, formatMoney } from '#server/platform/money/index.ts'

/** Tells an account that its credit has come. */
export const sendCreditReceipt = (platform: Platform, systemDb: Db, accountId: AccountId, cents: Cents): Promise<void> =>
  tell(platform, systemDb, accountId, {
    subject: 'Your credits have arrived',
    parts: [
      'Thank you. Your payment has arrived, and its credit can be spent.',
      { facts: [['Paid', formatMoney(cents, 'usd')]] },
      { link: `${platform.env.APP_URL}/billing#credits`, label: 'See your credits' },
    ],
  })

/** Tells an account that an invoice was paid. */
export const sendReceipt = (platform: Platform, systemDb: Db, accountId: AccountId, invoice: Stripe.Invoice): Promise<void> =>
  tell(platform, systemDb, accountId, {
    subject: `Receipt ${invoice.number ?? ''}`.trim(),
    parts: [
      'Thank you. Your payment has arrived.',
      {
        facts: [
          ['Paid', formatMoney(invoice.amount_paid, invoice.currency)],
          ['Invoice', invoice.number ?? invoice.id],
        ],
      },
      { link: invoice.hosted_invoice_url ?? `${platform.env.APP_URL}/billing`, label: 'See the invoice' },
    ],
  })

/** Tells an account that its card was refused, while there is still time. */
export const sendPaymentFailed = (platform: Platform, systemDb: Db, accountId: AccountId, invoice: Stripe.Invoice): Promise<void> =>
  tell(platform, systemDb, accountId, {
    subject: 'Your payment failed',
    parts: [
      'Your card was refused for the plan of your workspace. It holds for a few days more while we try again. Then your agents stop, and nothing is deleted.',
      { facts: [['Owed', formatMoney(invoice.amount_due, invoice.currency)]] },
      { link: `${platform.env.APP_URL}/billing`, label: 'Look after your card' },
    ],
  })

/** Tells somebody who has no account that their plan waits for them. */
export const sendUnclaimedReceipt = (platform: Platform, systemDb: Db, email: string): Promise<void> => {
  const parts = [
    'Thank you for choosing a plan. It is kept for you: it begins to work once you have an account with this address, and have confirmed that the address is yours.',
    { link: `${platform.env.APP_URL}/register`, label: 'Make an account' },
    'Do you have one with another address? Then change its address to this one, and confirm it.',
  ]
  return sendMail(platform, { to: { name: '', address: email }, letter: { subject: 'Your plan waits for you', parts } }, systemDb)
}

async function tell(platform: Platform, systemDb: Db, accountId: AccountId, letter: Letter): Promise<void> {
  const account = await findAccount(systemDb, accountId)
  if (!account?.email) return
  await sendMail(platform, { to: { name: account.name, address: account.email }, letter }, systemDb)
}
