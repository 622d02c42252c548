/** What one call costs: the fixed price of a plugin. */
export interface Price {
  plugin: string
  /** Millionths of a US dollar. */
  amountMicroUsd: number
  /** What is paid for, in words. */
  description: string
}

export type PaymentMethod = 'stripe' | 'mpp' | 'session'

/**
 * A way to pay that was checked and found good, while nothing has been taken yet. The caller then does
 * the work and calls exactly one of the two.
 */
export interface Payment {
  method: PaymentMethod
  /**
   * Takes the money, once there is something to hand over.
   *
   * @throws AppError when it cannot be taken after all; nothing was taken then.
   */
  capture(): Promise<Receipt>
  /** The work failed: what was set aside is given back. */
  release(): Promise<void>
}

export interface Receipt {
  /** Transaction hash (mpp), `session:<session>:<voucher>` (session), or null (stripe). */
  reference: string | null
  /** What the answer has to carry beside it. */
  headers: Record<string, string>
}
