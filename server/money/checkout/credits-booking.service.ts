import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import type { AccountId, Platform } from '#server/platform/core/index.ts'
import { type Cents, microUsdOfCents } from '#server/platform/money/index.ts'
import { recordIncome, takeBack } from '../billing/index.ts'
import { centsForCredit } from './amounts.rules.ts'
import * as queries from './checkouts.queries.ts'
import { sendCreditReceipt } from './receipts.letters.ts'

/** The book of what came in by card. */
const BOOK = 'stripe'

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
  const income = { transactionId: `stripe:${session.id}`, fromAccount: BOOK, amountMicroUsd, reason: 'credits bought', accountId }
  if (!(await recordIncome(systemDb, income))) return
  await queries.setCredited(systemDb, session.id, amountMicroUsd)
  await sendCreditReceipt(platform, systemDb, accountId, paid.cents)
  await collectUnrecovered(systemDb, accountId)
}

/** What could not be taken back before is taken from what has come in now. */
async function collectUnrecovered(systemDb: Db, accountId: AccountId): Promise<void> {
  for (const { id, reversedMicroUsd, unrecoveredMicroUsd, reversals } of await queries.lockUnrecovered(systemDb, accountId)) {
    const reversal = { id: `stripe:${id}:reversal:${reversals}`, reason: 'payment reversed', toAccount: BOOK }
    const taken = await takeBack(systemDb, accountId, { ...reversal, amountMicroUsd: unrecoveredMicroUsd })
    if (taken > 0) await queries.setReversed(systemDb, id, reversedMicroUsd + taken, unrecoveredMicroUsd - taken)
  }
}

/**
 * Brings the credit of a checkout in line with what the payer got back of its payment: takes what the balance has, and notes what was
 * spent already; or gives credit again when a dispute was won.
 *
 * @param reversedCents All that went back of the payment so far, in US cents.
 */
export async function reverseCredits({ log }: Platform, systemDb: Db, paymentIntentId: string, reversedCents: Cents): Promise<void> {
  const payer = await queries.findPayer(systemDb, paymentIntentId)
  if (!payer) return
  const accountId = payer.accountId as AccountId
  await lockAccount(systemDb, accountId)
  const checkout = (await queries.lockPaidCheckout(systemDb, paymentIntentId))!
  const { id, creditedMicroUsd, reversedMicroUsd, unrecoveredMicroUsd, reversals } = checkout
  const wanted = Math.min(creditedMicroUsd, microUsdOfCents(reversedCents)) - reversedMicroUsd - unrecoveredMicroUsd
  const reversal = { id: `stripe:${id}:reversal:${reversals}`, reason: 'payment reversed' }
  if (wanted > 0) {
    const taken = await takeBack(systemDb, accountId, { ...reversal, toAccount: BOOK, amountMicroUsd: wanted })
    if (taken < wanted) log.warn({ checkoutId: id, accountId }, 'credit was spent before its payment was given back')
    await queries.setReversed(systemDb, id, reversedMicroUsd + taken, unrecoveredMicroUsd + wanted - taken)
  } else if (wanted < 0) {
    const forgiven = Math.min(unrecoveredMicroUsd, -wanted)
    const returned = -wanted - forgiven
    if (returned > 0)
      await recordIncome(systemDb, {
        transactionId: reversal.id,
        fromAccount: BOOK,
        amountMicroUsd: returned,
        reason: 'reversal withdrawn',
        accountId,
      })
    await queries.setReversed(systemDb, id, reversedMicroUsd - returned, unrecoveredMicroUsd - forgiven)
  }
}
