import type { Types } from 'mppx/x402'
import type { Address, Hex } from 'viem'
import { findAuthorizedTransfer } from '#server/integrations/chains/index.ts'
import { FacilitatorUnavailable, settlePayment, type SignedPayment } from '#server/integrations/x402/index.ts'
import { type Platform, AppError, inTransaction } from '#server/platform/core/index.ts'
import { unitsOfMicroUsd } from '#server/platform/money/index.ts'
import { findPaymentOf, lockTransfer, markFailed } from './chain-payments.queries.ts'
import { bookPayment, PAID_FOR_ELSE, USED_BEFORE } from './chain-payments.service.ts'
import { PaymentRefused, PaymentUnconfirmed } from './mpp.errors.ts'
import * as queries from './x402-payments.queries.ts'

/** What identifies a payment, and what is known of its transaction. */
type Authorized = Pick<
  queries.AuthorizedRow,
  'id' | 'signedPayload' | 'txHash' | 'payer' | 'plugin' | 'amountMicroUsd' | 'chainId' | 'createdAt'
>

/** A payment that a call works for, and that no other call can use meanwhile. */
export interface ClaimedAuthorization extends Authorized {
  claimedBy: string
  /** Whether a facilitator was asked to settle it before, with an unknown outcome. */
  wasAsked: boolean
}

/** What became of an authorization. Of a refused one nothing was sent; of an unknown one nobody can tell. */
type Outcome = { outcome: 'settled'; txHash: Hex } | { outcome: 'refused'; reason: string } | { outcome: 'unknown' }

/**
 * Has the authorization settled, after writing that down, and waits until the money is there.
 *
 * @throws PaymentRefused when it is not to be had; PaymentUnconfirmed when that is not known.
 */
export async function takeAuthorized(platform: Platform, payment: ClaimedAuthorization): Promise<void> {
  const { id, claimedBy } = payment
  const { system } = platform.databases
  if (payment.txHash !== null) return
  if (!(await queries.markAsked(system, id, claimedBy))) throw new PaymentRefused(USED_BEFORE)
  const outcome = await settle(platform, payment)
  payment.wasAsked = true
  if (outcome.outcome === 'unknown') throw new PaymentUnconfirmed()
  if (outcome.outcome === 'settled') return confirm(platform, payment, outcome.txHash)
  await markFailed(system, id)
  platform.log.warn({ payment: id, reason: outcome.reason }, 'a payment whose work is done was not settled')
  throw new PaymentRefused(`The payment was not settled: ${outcome.reason}.`)
}

/** Asks the facilitator, once more where its answer got lost, and the chain where it does not say that it was paid. */
async function settle(platform: Platform, payment: ClaimedAuthorization): Promise<Outcome> {
  const signed = JSON.parse(payment.signedPayload) as SignedPayment
  const first = await askToSettle(platform, payment, signed)
  const answer = first ?? (await askToSettle(platform, payment, signed))
  if (answer?.success && isTransaction(answer.transaction)) return { outcome: 'settled', txHash: answer.transaction.toLowerCase() as Hex }
  const txHash = await findTransfer(platform, payment).catch(unknownIfUnavailable)
  if (txHash === null) return { outcome: 'unknown' }
  if (txHash !== undefined) return { outcome: 'settled', txHash }
  // Refused the second time, or with a transaction, it may be because the first one is on its way.
  if (payment.wasAsked || !first || first.success || first.transaction !== '') return { outcome: 'unknown' }
  return { outcome: 'refused', reason: first.errorMessage ?? first.errorReason ?? 'the facilitator gave no reason' }
}

const isTransaction = (text: string): boolean => /^0x[0-9a-fA-F]{64}$/.test(text)

async function askToSettle(platform: Platform, { id }: Authorized, signed: SignedPayment): Promise<Types.SettleResponse | undefined> {
  try {
    return await settlePayment(platform, signed)
  } catch (error) {
    if (!(error instanceof FacilitatorUnavailable)) throw error
    platform.log.warn({ payment: id }, 'nobody said whether a payment was settled')
    return undefined
  }
}

/** Null when the chain does not answer either. */
const unknownIfUnavailable = (error: unknown): null => {
  if (error instanceof AppError && error.kind === 'unavailable') return null
  throw error
}

/** The transaction on the chain that paid; undefined when there is none. @throws ChainUnavailable */
export function findTransfer(platform: Platform, payment: Authorized): Promise<Hex | undefined> {
  const { paymentPayload, paymentRequirements } = JSON.parse(payment.signedPayload) as SignedPayment
  const { authorization } = paymentPayload.payload as Types.ExactEip3009Payload
  const ageSeconds = (Date.now() - Date.parse(payment.createdAt)) / 1000
  const transfer = {
    token: paymentRequirements.asset as Address,
    from: payment.payer as Address,
    to: paymentRequirements.payTo as Address,
    value: unitsOfMicroUsd(payment.amountMicroUsd),
    nonce: authorization.nonce as Hex,
  }
  return findAuthorizedTransfer(platform, transfer, ageSeconds)
}

/** Books a payment that was settled, once. @throws PaymentRefused when its transaction has paid for something else. */
export async function confirm(platform: Platform, payment: Authorized, txHash: Hex): Promise<void> {
  const { system } = platform.databases
  try {
    await inTransaction(system, async (db) => {
      await lockTransfer(db, txHash)
      const other = await findPaymentOf(db, txHash)
      if (other && other.id !== payment.id) throw new PaymentRefused(PAID_FOR_ELSE)
      if (await queries.markSettled(db, payment.id, txHash)) await bookPayment(db, { ...payment, txHash })
    })
    payment.txHash = txHash
  } catch (error) {
    if (error instanceof PaymentRefused) {
      await markFailed(system, payment.id)
      platform.log.error({ payment: payment.id, txHash }, 'the facilitator named a transaction that has paid for something else')
    }
    throw error
  }
}

/** After an authorization has lapsed, its transaction may still be on the way into a block. */
const LATEST_BLOCK_MS = 10 * 60 * 1000

/**
 * Finds out what became of a payment nobody waits for. One that was paid stays usable: the next call that brings it does not
 * pay again. The facilitator is not asked: whoever has given up is not to be charged later.
 *
 * @throws ChainNotConfigured, ChainUnavailable
 */
export async function reconcileAuthorized(platform: Platform, row: queries.AuthorizedRow): Promise<void> {
  const { id, lapsesAt } = row
  const hasLapsed = lapsesAt !== null && Date.parse(lapsesAt) < Date.now() - LATEST_BLOCK_MS
  const txHash = await findTransfer(platform, row)
  if (txHash !== undefined) return confirm(platform, row, txHash).catch(passOverRefusal)
  if (!hasLapsed) return
  await markFailed(platform.databases.system, id)
  platform.log.warn({ payment: id }, 'a payment that a facilitator was to settle did not arrive')
}

const passOverRefusal = (error: unknown): void => {
  if (!(error instanceof PaymentRefused)) throw error
}
