import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import { readEvent } from '#server/integrations/stripe/index.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import type { AccountId, Context } from '#server/platform/core/index.ts'
import { microUsdOfCents, type Cents } from '#server/platform/money/index.ts'
import { recordIncome } from '../billing/index.ts'
import {
  CARD_BOOK,
  centsForCredit,
  collectOwed,
  collectUnrecovered,
  createPage,
  idOf,
  reverseCredit,
  type CheckoutKind,
} from '../checkout/index.ts'
import { handleEvent } from '../stripe-webhooks/index.ts'
import { findAccountOfWallet } from '../wallets/index.ts'
import type { EventReceived, ReceiveStripeEvent, StartTopUp, TopUpStarted } from './top-ups.contract.ts'
import { UnknownWallet } from './top-ups.errors.ts'
import * as queries from './top-ups.queries.ts'

/** What checkouts of top-ups are marked with. */
export const TOP_UP = 'wallet_top_up'

/**
 * Makes a page where anybody can pay for credit of whoever has a wallet.
 *
 * @throws UnknownWallet; StripeNotConfigured, StripeFailed, NoCheckoutUrl
 */
export async function startTopUp({ platform }: Context, { amount, address }: StartTopUp): Promise<TopUpStarted> {
  const accountId = await findAccountOfWallet(platform, address.toLowerCase())
  if (accountId === undefined) throw new UnknownWallet()
  const metadata = { type: TOP_UP, walletAddress: address, amountCents: String(amount), accountId }
  const place = `${platform.env.APP_URL}/dashboard/wallet?top_up=`
  const { id, url } = await createPage(platform, {
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: { currency: 'usd', unit_amount: amount, product_data: { name: 'Credit for calls of models and agents' } },
      },
    ],
    metadata,
    // Refunds name the payment, and not the page it was made at.
    payment_intent_data: { metadata },
    success_url: `${place}success`,
    cancel_url: `${place}cancelled`,
  })
  return { url, sessionId: id }
}

/**
 * Takes an event from the address of top-ups at Stripe; it may tell of other things as well. What came of it is stored before it is
 * acknowledged.
 *
 * @throws StripeSignatureInvalid, StripeNotConfigured, StripeFailed
 */
export async function receiveTopUp({ platform }: Context, delivery: ReceiveStripeEvent): Promise<EventReceived> {
  await handleEvent(platform, await readEvent(platform, delivery, 'STRIPE_TOPUP_WEBHOOK_SECRET'))
  return { received: true }
}

/** What is done about checkouts of top-ups, wherever they were heard of. */
export const topUpCheckouts: CheckoutKind = {
  async write(systemDb, session) {
    if (session.payment_status !== 'paid') return
    const paid = centsForCredit(session)
    const { accountId, walletAddress } = session.metadata ?? {}
    // The event is not acknowledged then, and comes again: money that came in is not forgotten.
    if ('problem' in paid || !accountId || !walletAddress) throw new Error(`${session.id} was paid and brings no credit`)
    await credit(systemDb, accountId as AccountId, walletAddress, session, paid.cents)
  },
  reverse,
  collect,
  sumUnrecovered: queries.sumUnrecovered,
}

async function credit(systemDb: Db, accountId: AccountId, address: string, session: Stripe.Checkout.Session, cents: Cents): Promise<void> {
  await lockAccount(systemDb, accountId)
  const creditedMicroUsd = microUsdOfCents(cents)
  const paymentIntentId = session.payment_intent === null ? null : idOf(session.payment_intent)
  const topUp = { sessionId: session.id, accountId, address: address.toLowerCase(), paymentIntentId, creditedMicroUsd }
  if (!(await queries.insertTopUp(systemDb, topUp))) return
  const income = {
    transactionId: `stripe:${session.id}`,
    fromAccount: CARD_BOOK,
    amountMicroUsd: creditedMicroUsd,
    reason: 'wallet top-up',
    accountId,
  }
  await recordIncome(systemDb, income)
  await collectUnrecovered(systemDb, accountId)
}

/** Brings the credit in line with what the payer got back. */
async function reverse(systemDb: Db, paymentIntentId: string, reversedCents: Cents): Promise<void> {
  const payee = await queries.findPayee(systemDb, paymentIntentId)
  if (!payee) return
  const accountId = payee.accountId as AccountId
  await lockAccount(systemDb, accountId)
  const topUp = await queries.lockTopUp(systemDb, paymentIntentId)
  await reverseCredit(systemDb, accountId, topUp, reversedCents, (reversed, unrecovered) =>
    queries.setReversed(systemDb, topUp.id, reversed, unrecovered),
  )
}

async function collect(systemDb: Db, accountId: AccountId): Promise<void> {
  for (const topUp of await queries.lockUnrecovered(systemDb, accountId))
    await collectOwed(systemDb, accountId, topUp, (reversed, unrecovered) => queries.setReversed(systemDb, topUp.id, reversed, unrecovered))
}
