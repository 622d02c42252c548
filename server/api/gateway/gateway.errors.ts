import { AppError, Unauthenticated } from '#server/platform/core/index.ts'
import type { MppChallenge, KeptPayment, X402Offer } from '#server/money/payments/index.ts'
import type { PaymentMethod } from './gateway.contract.ts'

export class NoPlugin extends AppError {
  constructor(plugin: string, known: string[]) {
    super('upstream', 'NO_PLUGIN', `There is no plugin "${plugin}". There are: ${known.join(', ')}.`)
  }
}

/** What a session pays is the price of a plugin, and there is none. */
export class UnknownPlugin extends AppError {
  constructor(plugin: string, known: string[]) {
    super('invalid_input', 'UNKNOWN_PLUGIN', `There is no price for a plugin "${plugin}". There are: ${known.join(', ')}.`)
  }
}

export class SignInOrPay extends Unauthenticated {
  constructor(plugin: string) {
    super(`The plugin "${plugin}" asks for sign-in: sign in, send an API key, or pay by MPP, x402 or session.`, 'UNAUTHORIZED')
  }
}

/** What to pay and where, for a call that was not paid. `mpp` and `x402` are there only when the server takes such payments. */
interface Offer {
  mpp?: MppChallenge
  x402?: X402Offer
  stripe: { checkoutUrl: string; amount: string; currency: 'usd' }
}

/** `reason` says why a payment that was tried did not work. */
export class PaymentRequired extends AppError {
  constructor(offer: Offer, reason: string | undefined) {
    const price = `This call costs ${offer.stripe.amount} dollars.`
    super('payment_required', 'PAYMENT_REQUIRED', reason ? `${reason} ${price}` : price, { ...offer })
  }
}

/** A call that was paid and failed then: the same failure, and what its payer has to know so as not to pay again. */
export class FailedThoughPaid extends AppError {
  constructor(
    { kind, code, message, details, cause }: AppError,
    method: PaymentMethod,
    { receipt: { reference }, isConfirmed }: KeptPayment,
  ) {
    const payment = { method, receipt: reference, isCharged: false, isConfirmed, staysGood: true }
    const advice = `The payment ${reference === null ? '' : `${reference} `}was ${isConfirmed ? 'taken' : 'sent'} and stays good: send the same credential again instead of paying again.`
    super(kind, code, `${message} ${advice}`, { ...details, payment }, { cause })
  }
}

/** A call that failed after a part of its answer was handed over: the same failure, and that it costs nothing. */
export class FailedUncharged extends AppError {
  constructor({ kind, code, message, details, cause }: AppError, method: PaymentMethod) {
    const payment = { method, receipt: null, isCharged: false }
    super(kind, code, `${message} Nothing was taken for this call.`, { ...details, payment }, { cause })
  }
}

/** The caller went away before the plugin had answered. */
export class CallAborted extends AppError {
  constructor() {
    super('upstream', 'CALL_ABORTED', 'The call was cut off before it was answered.')
  }
}
