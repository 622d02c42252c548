import type { AccountId } from '#server/platform/core/index.ts'

/** What one call costs: the fixed price of a plugin. */
export interface Price {
  plugin: string
  /** Millionths of a US dollar. */
  amountMicroUsd: number
  /** What is paid for, in words. */
  description: string
}

export type PaymentMethod = 'stripe' | 'mpp' | 'x402' | 'session'

/**
 * A way to pay that was checked and found good, while nothing has been taken yet. The caller then does
 * the work, and in the end captures it or releases it; what is neither, because the server died, runs out by itself.
 */
export interface Payment {
  method: PaymentMethod
  /** The payment session it comes out of, and the account that opened that. */
  session?: { id: string; accountId: AccountId }
  /**
   * A part of the work is about to be handed over: from now on the money cannot go elsewhere before the call ends.
   *
   * @returns the receipt the call has once the payment is captured.
   * @throws AppError when the money is not to be had.
   */
  secure(): Promise<Receipt>
  /**
   * Takes the money: the work is done, or its caller does not want the rest.
   *
   * @throws AppError when it cannot be taken after all; nothing was taken then.
   */
  capture(): Promise<Receipt>
  /**
   * The work failed, or capturing did: what was set aside is given back. Nothing happens to what was captured.
   *
   * @returns what was taken all the same and stays good for another call; undefined when nothing was.
   */
  release(): Promise<KeptPayment | undefined>
}

/** Money that was taken for a call that failed then. The same credential gets the work for it, without paying again. */
export interface KeptPayment {
  receipt: Receipt
  /** Whether the money is there; else it was sent, and nothing is known of it yet. */
  isConfirmed: boolean
}

export interface Receipt {
  /** Transaction hash (mpp, x402), `session:<session>:<voucher>` (session), or null (stripe). */
  reference: string | null
  /** What the answer has to carry beside it. */
  headers: Record<string, string>
}
