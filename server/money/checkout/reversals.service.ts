import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { type Cents, microUsdOfCents, type MicroUsd } from '#server/platform/money/index.ts'
import { recordIncome, takeBack } from '../billing/index.ts'

/** The book of what came in by card. */
export const CARD_BOOK = 'stripe'

/** A payment by card that has credited an account, and what has gone back of it. */
export interface CreditedPayment {
  /** Of its checkout. */
  id: string
  creditedMicroUsd: MicroUsd
  /** Credit that was taken back. */
  reversedMicroUsd: MicroUsd
  /** What should have been taken back as well, and was spent already. */
  unrecoveredMicroUsd: MicroUsd
  /** How often one of the two has changed. */
  reversals: number
}

/** Stores what has gone back of a payment by now. */
type Store = (reversedMicroUsd: MicroUsd, unrecoveredMicroUsd: MicroUsd) => Promise<unknown>

const reversalOf = ({ id, reversals }: CreditedPayment) => ({ id: `stripe:${id}:reversal:${reversals}`, reason: 'payment reversed' })

/**
 * Brings the credit of a payment in line with what the payer got back of it: takes what the balance has, and notes what was spent
 * already; or gives credit again when a dispute was won. The account has to be locked.
 *
 * @param reversedCents All that went back of the payment so far, in US cents.
 * @returns what could not be taken now.
 */
export async function reverseCredit(
  systemDb: Db,
  accountId: AccountId,
  payment: CreditedPayment,
  reversedCents: Cents,
  store: Store,
): Promise<MicroUsd> {
  const { creditedMicroUsd, reversedMicroUsd, unrecoveredMicroUsd } = payment
  const wanted = Math.min(creditedMicroUsd, microUsdOfCents(reversedCents)) - reversedMicroUsd - unrecoveredMicroUsd
  const reversal = reversalOf(payment)
  if (wanted > 0) {
    const taken = await takeBack(systemDb, accountId, { ...reversal, toAccount: CARD_BOOK, amountMicroUsd: wanted })
    await store(reversedMicroUsd + taken, unrecoveredMicroUsd + wanted - taken)
    return wanted - taken
  }
  if (wanted < 0) {
    const forgiven = Math.min(unrecoveredMicroUsd, -wanted)
    const returned = -wanted - forgiven
    const income = { transactionId: reversal.id, fromAccount: CARD_BOOK, amountMicroUsd: returned, reason: 'reversal withdrawn', accountId }
    if (returned > 0) await recordIncome(systemDb, income)
    await store(reversedMicroUsd - returned, unrecoveredMicroUsd - forgiven)
  }
  return 0
}

/** Takes what is still owed of a payment, as far as the balance has it. The account has to be locked. */
export async function collectOwed(systemDb: Db, accountId: AccountId, payment: CreditedPayment, store: Store): Promise<void> {
  const { reversedMicroUsd, unrecoveredMicroUsd } = payment
  const claim = { ...reversalOf(payment), toAccount: CARD_BOOK, amountMicroUsd: unrecoveredMicroUsd }
  const taken = await takeBack(systemDb, accountId, claim)
  if (taken > 0) await store(reversedMicroUsd + taken, unrecoveredMicroUsd - taken)
}
