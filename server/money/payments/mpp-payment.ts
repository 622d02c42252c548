import { Receipt as MppReceipt } from 'mppx'
import type { Platform } from '#server/platform/core/index.ts'
import { takePayment, type ClaimedPayment } from './chain-payments.service.ts'
import { deferPayment } from './deferred-payment.ts'
import type { ReadCredential } from './mpp-credential.rules.ts'
import type { Payment } from './payment.ts'

/** Nodes take no transaction that lapses within three seconds. */
const SENT_BEFORE_LAPSING_MS = 6000

/** A transaction that is sent once the work is done, or just before it lapses. */
export function payByTransaction(platform: Platform, claimed: ClaimedPayment, form: ReadCredential['form']): Payment {
  const { id, txHash, claimedBy, raw, validBefore } = claimed
  return deferPayment(platform, {
    method: 'mpp',
    id,
    claimedBy,
    takeBefore: raw === undefined || validBefore === undefined ? Infinity : validBefore * 1000 - SENT_BEFORE_LAPSING_MS,
    take: () => takePayment(platform, claimed),
    receipt: () => ({ reference: txHash, headers: { 'Payment-Receipt': form === 'documented' ? txHash : writeReceipt(txHash) } }),
    reference: () => txHash,
  })
}

/** As the protocol's clients expect it. */
const writeReceipt = (txHash: string): string =>
  MppReceipt.serialize(MppReceipt.from({ method: 'tempo', reference: txHash, status: 'success', timestamp: new Date().toISOString() }))
