import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import type { AccountId, Platform } from '#server/platform/core/index.ts'
import { type Cents, type MicroUsd, microUsdOfCents } from '#server/platform/money/index.ts'
import { recordIncome } from '../billing/index.ts'
import { centsForCredit } from './amounts.rules.ts'
import { checkoutKinds } from './checkout-kinds.ts'
import * as queries from './checkouts.queries.ts'
import { sendCreditReceipt } from './receipts.letters.ts'
import { CARD_BOOK, collectOwed, reverseCredit } from './reversals.service.ts'

/**
 * Gives an account the credit a checkout has paid for, once for the checkout, and mails a receipt. One that was not paid, or not in
 * US dollars, brings none; a problem is written down with it. The account has to be locked, and the checkout stored.
 */
export async function bookCredits(platform: Platform, systemDb: Db, accountId: AccountId, session: Stripe.Checkout.Session): Promise<void> {
  const paid = centsForCredit(session)
  if ('problem' in paid) {
    if (session.payment_status === 'paid') {
      platform.log.error({ checkoutId: session.id, problem: paid.problem }, 'a payment for credit brings none')
      await queries.setProblem(systemDb, session.id, paid.problem)
    }
    return
  }
  const amountMicroUsd = microUsdOfCents(paid.cents)
  const income = { transactionId: `stripe:${session.id}`, fromAccount: CARD_BOOK, amountMicroUsd, reason: 'credits bought', accountId }
  if (!(await recordIncome(systemDb, income))) return
  await queries.setCredited(systemDb, session.id, amountMicroUsd)
  await sendCreditReceipt(platform, systemDb, accountId, paid.cents)
  await collectUnrecovered(systemDb, accountId)
}

/**
 * What could not be taken back before, of whatever kind of payment, is taken from what has come in by card now. The account has to be
 * locked.
 */
export async function collectUnrecovered(systemDb: Db, accountId: AccountId): Promise<void> {
  for (const checkout of await queries.lockUnrecovered(systemDb, accountId))
    await collectOwed(systemDb, accountId, checkout, (reversed, unrecovered) =>
      queries.setReversed(systemDb, checkout.id, reversed, unrecovered),
    )
  for (const kind of checkoutKinds()) await kind.collect(systemDb, accountId)
}

/** What an account got back of payments whose credit it had spent. */
export async function sumUnrecovered(db: Db, accountId: AccountId): Promise<MicroUsd> {
  let sumMicroUsd = await queries.sumUnrecovered(db, accountId)
  for (const kind of checkoutKinds()) sumMicroUsd += await kind.sumUnrecovered(db, accountId)
  return sumMicroUsd
}

/**
 * Brings the credit of a checkout in line with what the payer got back of its payment.
 *
 * @param reversedCents All that went back of the payment so far, in US cents.
 */
export async function reverseCredits({ log }: Platform, systemDb: Db, paymentIntentId: string, reversedCents: Cents): Promise<void> {
  const payer = await queries.findPayer(systemDb, paymentIntentId)
  if (!payer) return
  const accountId = payer.accountId as AccountId
  await lockAccount(systemDb, accountId)
  const checkout = (await queries.lockPaidCheckout(systemDb, paymentIntentId))!
  const missing = await reverseCredit(systemDb, accountId, checkout, reversedCents, (reversed, unrecovered) =>
    queries.setReversed(systemDb, checkout.id, reversed, unrecovered),
  )
  if (missing > 0) log.warn({ checkoutId: checkout.id, accountId }, 'credit was spent before its payment was given back')
}
