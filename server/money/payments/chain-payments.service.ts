import { isAddressEqual, type Address, type Hex } from 'viem'
import type { Db } from '#db/client.ts'
import { chainPayment, isPosted, recordIncome } from '../billing/index.ts'
import { broadcast, findReceipt, transfersIn, type TempoReceipt } from '#server/integrations/chains/index.ts'
import { type Platform, inTransaction } from '#server/platform/core/index.ts'
import * as queries from './chain-payments.queries.ts'
import { PaymentRefused, PaymentUnconfirmed } from './mpp.errors.ts'

export type { NewPayment, PaymentRow } from './chain-payments.queries.ts'

/** What identifies a payment on the chain. */
type Paid = Pick<queries.PaymentRow, 'id' | 'txHash' | 'payer' | 'plugin' | 'amountMicroUsd' | 'chainId'>

/** A payment that a call works for, and that no other call can use meanwhile. */
export interface ClaimedPayment extends Paid {
  claimedBy: string
  /** What has to be sent to the chain; undefined when the money is there. */
  raw: Hex | undefined
  /** Whether it was sent before, with an unknown outcome. */
  wasSent: boolean
  /** Unix time in seconds from which the chain no longer takes it. */
  validBefore: number | undefined
}

/** How long a call that says nothing any more keeps a payment. */
export const CLAIM_SECONDS = 60

export const USED_BEFORE = 'The payment was used before.'
export const IN_USE = 'The payment is used by another call right now. Send the same credential again when that has ended.'
export const REFUNDED = 'The payment was not used for a day, and has gone to the balance of the account that made it.'
export const PAID_FOR_ELSE = 'The transaction has paid for something else already.'
export const USED_OR_IN_USE = 'The payment is used by another call, or was used before.'

/**
 * Sends the transaction, after writing it down, and waits until the money is there.
 *
 * @throws PaymentRefused when the chain does not take it; PaymentUnconfirmed when that is not known.
 */
export async function takePayment(platform: Platform, payment: ClaimedPayment): Promise<void> {
  const { id, txHash, claimedBy, raw, wasSent } = payment
  const { system } = platform.databases
  if (raw === undefined) return
  if (!(await queries.markPending(system, id, claimedBy, raw))) throw new PaymentRefused(USED_BEFORE)
  payment.wasSent = true
  const result = await broadcast(platform, raw, txHash as Hex)
  if (result.outcome === 'mined') return settlePayment(platform, payment, result.receipt)
  // Refused the second time it may be because the first time it was taken.
  if (result.outcome === 'unknown' || wasSent) throw new PaymentUnconfirmed()
  await queries.markFailed(system, id)
  throw new PaymentRefused(`The chain refused the transaction: ${result.reason}`)
}

/**
 * Reads from the receipt of a payment whether the money is there, and books it once.
 *
 * @throws PaymentRefused when it is not, or has paid for something else.
 */
export async function settlePayment(platform: Platform, payment: Paid, receipt: TempoReceipt): Promise<void> {
  const { system } = platform.databases
  try {
    if (receipt.status !== 'success') throw new PaymentRefused('The transaction failed on the chain.')
    if (!pays(platform, payment, receipt)) throw new PaymentRefused('The transaction did not pay what it was to pay.')
    await inTransaction(system, async (db) => {
      if (await queries.markConfirmed(db, payment.id)) await bookPayment(db, payment)
    })
  } catch (error) {
    if (error instanceof PaymentRefused) await queries.markFailed(system, payment.id)
    throw error
  }
}

function pays({ env }: Platform, { payer, amountMicroUsd }: Paid, { logs }: TempoReceipt): boolean {
  const { MPP_CURRENCY, MPP_RECIPIENT } = env
  return transfersIn(logs, MPP_CURRENCY).some(
    ({ from, to, amount }) =>
      MPP_RECIPIENT !== undefined &&
      isAddressEqual(to, MPP_RECIPIENT) &&
      isAddressEqual(from, payer as Address) &&
      amount === BigInt(amountMicroUsd),
  )
}

/** Books a payment as income, in the transaction that makes it a confirmed one. @throws PaymentRefused when it was booked for something else. */
export async function bookPayment(db: Db, { chainId, txHash, plugin, amountMicroUsd }: Omit<Paid, 'id'>): Promise<void> {
  const income = { ...chainPayment(chainId, txHash), amountMicroUsd, reason: `gateway: ${plugin}`, accountId: null }
  if (!(await recordIncome(db, income))) throw new PaymentRefused(PAID_FOR_ELSE)
}

/** Claims a payment that is still to be sent. @throws PaymentRefused when its challenge or its transaction was used before. */
export const claimNewPayment = (platform: Platform, payment: queries.NewPayment, claimedBy: string): Promise<void> =>
  inTransaction(platform.databases.system, async (db) => {
    await queries.lockTransfer(db, payment.txHash)
    const { transactionId } = chainPayment(payment.chainId, payment.txHash)
    if (await isPosted(db, transactionId)) throw new PaymentRefused(PAID_FOR_ELSE)
    const isNew = await queries.insertClaimed(db, payment, { claimedBy, seconds: CLAIM_SECONDS })
    if (!isNew) throw new PaymentRefused(USED_OR_IN_USE)
  })

/** Claims and books a payment that was found on the chain. @throws PaymentRefused when it has paid for something before. */
export const claimReceivedPayment = (platform: Platform, payment: queries.NewPayment, claimedBy: string): Promise<void> =>
  inTransaction(platform.databases.system, async (db) => {
    await queries.lockTransfer(db, payment.txHash)
    const isNew = await queries.insertConfirmed(db, payment, { claimedBy, seconds: CLAIM_SECONDS })
    if (!isNew) throw new PaymentRefused(USED_OR_IN_USE)
    await bookPayment(db, payment)
  })

/** Claims a payment that is known, for another try. @throws PaymentRefused when another call works for it. */
export async function claimKnownPayment({ databases }: Platform, id: string, claimedBy: string): Promise<void> {
  if (!(await queries.takeClaim(databases.system, id, { claimedBy, seconds: CLAIM_SECONDS }))) throw new PaymentRefused(IN_USE)
}

/**
 * The payment that answers a challenge, as the chain knows it now; undefined when there is none yet.
 *
 * @throws PaymentRefused when it cannot be used: another transaction pays it, another call uses it or has used
 * it, or the chain did not take it.
 */
export async function findUsablePayment(platform: Platform, challengeId: string, txHash: string): Promise<queries.PaymentRow | undefined> {
  const { system } = platform.databases
  const payment = await queries.findPayment(system, challengeId)
  if (!payment) return undefined
  if (payment.txHash !== txHash) throw new PaymentRefused('The challenge was answered with another transaction before.')
  if (payment.spentAt !== null) throw new PaymentRefused(USED_BEFORE)
  if (payment.refundedAt !== null) throw new PaymentRefused(REFUNDED)
  if (payment.isClaimed) throw new PaymentRefused(IN_USE)
  if (payment.state !== 'pending' && payment.state !== 'failed') return payment
  const receipt = await findReceipt(platform, txHash)
  if (receipt) await settlePayment(platform, payment, receipt)
  else if (payment.state === 'failed') throw new PaymentRefused('The chain did not take the transaction.')
  return queries.findPayment(system, challengeId)
}

/**
 * Looks up what became of a payment that was sent. One that is found on the chain stays usable: the next call with
 * its credential does not pay again.
 *
 * @throws ChainUnavailable
 */
export async function reconcilePayment(platform: Platform, payment: queries.PaymentRow): Promise<void> {
  const receipt = await findReceipt(platform, payment.txHash)
  if (receipt) await settlePayment(platform, payment, receipt).catch(logRefusal(platform, payment))
  else if (hasLapsed(payment, Date.now())) await queries.markFailed(platform.databases.system, payment.id)
}

const logRefusal =
  ({ log }: Platform, { id, txHash }: Paid) =>
  (error: unknown) => {
    if (!(error instanceof PaymentRefused)) throw error
    log.warn({ payment: id, txHash, reason: error.message }, 'a payment that was sent did not arrive')
  }

/** Whether a transaction can no longer get into a block: a minute past its time, or a day old where it has none. */
function hasLapsed({ lapsesAt, createdAt }: queries.PaymentRow, now: number): boolean {
  return lapsesAt === null ? Date.parse(createdAt) < now - 24 * 60 * 60 * 1000 : Date.parse(lapsesAt) < now - 60 * 1000
}
