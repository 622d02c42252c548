import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { Cents, MicroUsd } from '#server/platform/money/index.ts'

/** What is done about checkouts whose `metadata.type` is one of a higher folder, such as `wallet_top_up`. */
export interface CheckoutKind {
  /**
   * Stores what a checkout has come to, in a transaction of the system. It is called again whenever there is reason to look, so it
   * books what `payment_status` says was paid once, by the id of the session.
   */
  write(systemDb: Db, session: Stripe.Checkout.Session): Promise<void>
  /**
   * Takes back what was booked for a payment, as far as the payer got it back. Called again whenever that changes.
   *
   * @param reversedCents All that went back of the payment so far, in the smallest unit of its currency.
   */
  reverse(systemDb: Db, paymentIntentId: string, reversedCents: Cents): Promise<void>
  /** Takes what an account still owes of payments that were given back, as far as its balance has it. The account is locked. */
  collect(systemDb: Db, accountId: AccountId): Promise<void>
  /** How much that is. */
  sumUnrecovered(db: Db, accountId: AccountId): Promise<MicroUsd>
}

const kinds = new Map<string, CheckoutKind>()

/** To be called at the start, once for each type. */
export const registerCheckoutKind = (type: string, kind: CheckoutKind): void => void kinds.set(type, kind)

export const checkoutKindOf = ({ metadata }: { metadata: Stripe.Metadata | null }): CheckoutKind | undefined =>
  kinds.get(metadata?.type ?? '')

export const checkoutKinds = (): Iterable<CheckoutKind> => kinds.values()
