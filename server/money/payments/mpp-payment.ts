import { Receipt as MppReceipt } from 'mppx'
import type { Platform } from '#server/platform/core/index.ts'
import { LeaseRenewal } from '#server/platform/flow/index.ts'
import * as queries from './chain-payments.queries.ts'
import { CLAIM_SECONDS, takePayment, type ClaimedPayment } from './chain-payments.service.ts'
import type { ReadCredential } from './mpp-credential.rules.ts'
import { PaymentRefused } from './mpp.errors.ts'
import type { Payment } from './payment.ts'

const RENEW_EVERY_MS = (CLAIM_SECONDS * 1000) / 3

/** Nodes take no transaction that lapses within three seconds. */
const SENT_BEFORE_LAPSING_MS = 6000

/**
 * A payment whose money is taken once the work is done, or once a part of it is handed over: a signed transaction binds
 * nobody before it is sent. Work that takes longer than the transaction is valid is paid just before that. Should it fail
 * after it was paid, the payment stays usable for another call, and its payer is told.
 */
export function deferPayment(platform: Platform, claimed: ClaimedPayment, form: ReadCredential['form']): Payment {
  const { id, txHash, claimedBy } = claimed
  const { system } = platform.databases
  const log = platform.log.child({ payment: id })

  let taking: Promise<void> | undefined
  const take = (): Promise<void> =>
    (taking ??= takePayment(platform, claimed).catch((error: unknown) => {
      // What the chain refused it will not take later; anything else is worth another try.
      if (!(error instanceof PaymentRefused)) taking = undefined
      throw error
    }))
  const stop = keepClaim(platform, claimed, () => {
    take().catch((error: unknown) => log.warn({ err: error }, 'a payment could not be taken before it lapsed'))
  })

  const letGo = () =>
    queries
      .dropClaim(system, id, claimedBy)
      .catch((error: unknown) => log.error({ err: error }, 'could not let go of a payment that failed'))

  const receipt = () => ({ reference: txHash, headers: { 'Payment-Receipt': form === 'documented' ? txHash : writeReceipt(txHash) } })

  return {
    method: 'mpp',
    async secure() {
      try {
        await take()
      } catch (error) {
        stop()
        await letGo()
        throw error
      }
      return receipt()
    },
    async capture() {
      try {
        await take()
        if (!(await queries.markSpent(system, id, claimedBy))) throw new PaymentRefused('Another call used the payment meanwhile.')
      } catch (error) {
        await letGo()
        throw error
      } finally {
        stop()
      }
      return receipt()
    },
    async release() {
      stop()
      await taking?.catch(() => undefined)
      const state = await queries.dropClaim(system, id, claimedBy)
      if (state === 'confirmed') return { receipt: receipt(), isConfirmed: true }
      return state === 'pending' ? { receipt: { reference: txHash, headers: {} }, isConfirmed: false } : undefined
    },
  }
}

/** Renews the claim until it is told to stop, and says when it is high time to send the transaction. */
function keepClaim({ databases, log }: Platform, { id, claimedBy, raw, validBefore }: ClaimedPayment, onHighTime: () => void): () => void {
  const renewal = new LeaseRenewal({
    everyMs: RENEW_EVERY_MS,
    renew: () => queries.renewClaim(databases.system, id, { claimedBy, seconds: CLAIM_SECONDS }),
    onFailure: (error) => log.warn({ err: error, payment: id }, 'could not renew the claim on a payment'),
  })
  renewal.start()
  const msLeft = raw === undefined || validBefore === undefined ? Infinity : validBefore * 1000 - SENT_BEFORE_LAPSING_MS - Date.now()
  // Further away than a timer can be set: the transaction outlives any call.
  const sending = msLeft < 2 ** 31 ? setTimeout(onHighTime, msLeft).unref() : undefined
  return () => {
    renewal.stop()
    clearTimeout(sending)
  }
}

/** As the protocol's clients expect it. */
const writeReceipt = (txHash: string): string =>
  MppReceipt.serialize(MppReceipt.from({ method: 'tempo', reference: txHash, status: 'success', timestamp: new Date().toISOString() }))
