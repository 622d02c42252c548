import type { Platform } from '#server/platform/core/index.ts'
import { LeaseRenewal } from '#server/platform/flow/index.ts'
import * as queries from './chain-payments.queries.ts'
import { CLAIM_SECONDS } from './chain-payments.service.ts'
import { PaymentRefused } from './mpp.errors.ts'
import type { Payment, Receipt } from './payment.ts'

const RENEW_EVERY_MS = (CLAIM_SECONDS * 1000) / 3

/** What a payer has signed and a call holds a claim on, and how its money is taken. */
export interface SignedMoney {
  method: 'mpp' | 'x402'
  id: string
  claimedBy: string
  /** When it has to be taken at the latest, Unix time in milliseconds; Infinity where it was taken, or keeps. */
  takeBefore: number
  /** @throws PaymentRefused when it is not to be had; anything else when nobody knows. */
  take(): Promise<void>
  /** Of money that was taken. */
  receipt(): Receipt
  /** What is known of money that was sent for, while nobody knows whether it arrived. */
  reference(): string | null
}

/**
 * A payment whose money is taken once the work is done, or once a part of it is handed over: what was signed binds
 * nobody before it is sent. Work that takes longer than that is valid is paid just before. Should it fail
 * after it was paid, the payment stays usable for another call, and its payer is told.
 */
export function deferPayment(platform: Platform, money: SignedMoney): Payment {
  const { method, id, claimedBy } = money
  const { system } = platform.databases
  const log = platform.log.child({ payment: id })

  let taking: Promise<void> | undefined
  const take = (): Promise<void> =>
    (taking ??= money.take().catch((error: unknown) => {
      // What was refused will be refused later; anything else is worth another try.
      if (!(error instanceof PaymentRefused)) taking = undefined
      throw error
    }))
  const stop = keepClaim(platform, money, () => {
    take().catch((error: unknown) => log.warn({ err: error }, 'a payment could not be taken before it lapsed'))
  })

  const letGo = () =>
    queries
      .dropClaim(system, id, claimedBy)
      .catch((error: unknown) => log.error({ err: error }, 'could not let go of a payment that failed'))

  return {
    method,
    async secure() {
      try {
        await take()
      } catch (error) {
        stop()
        await letGo()
        throw error
      }
      return money.receipt()
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
      return money.receipt()
    },
    async release() {
      stop()
      await taking?.catch(() => undefined)
      const state = await queries.dropClaim(system, id, claimedBy)
      if (state === 'confirmed') return { receipt: money.receipt(), isConfirmed: true }
      return state === 'pending' ? { receipt: { reference: money.reference(), headers: {} }, isConfirmed: false } : undefined
    },
  }
}

/** Renews the claim until it is told to stop, and says when it is high time to take the money. */
function keepClaim({ databases, log }: Platform, { id, claimedBy, takeBefore }: SignedMoney, onHighTime: () => void): () => void {
  const renewal = new LeaseRenewal({
    everyMs: RENEW_EVERY_MS,
    renew: () => queries.renewClaim(databases.system, id, { claimedBy, seconds: CLAIM_SECONDS }),
    onFailure: (error) => log.warn({ err: error, payment: id }, 'could not renew the claim on a payment'),
  })
  renewal.start()
  const msLeft = takeBefore - Date.now()
  // Further away than a timer can be set: what was signed outlives any call.
  const sending = msLeft < 2 ** 31 ? setTimeout(onHighTime, msLeft).unref() : undefined
  return () => {
    renewal.stop()
    clearTimeout(sending)
  }
}
