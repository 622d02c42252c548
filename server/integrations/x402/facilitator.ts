import { Types } from 'mppx/x402'
import { boundedFetch } from '#server/platform/flow/index.ts'
import { coinbaseHeaders } from '../coinbase/index.ts'
import type { Platform } from '#server/platform/core/index.ts'
import { FacilitatorUnavailable } from './facilitator.errors.ts'

/** What the payer has signed, and what this server asks for: both requests to a facilitator carry the two. */
export interface SignedPayment {
  paymentPayload: Types.PaymentPayload
  paymentRequirements: Types.PaymentRequirements
}

/** A facilitator looks at the chain for a check; to settle it waits for a block, which may take some. */
const VERIFY_MS = 10_000
const SETTLE_MS = 30_000
/** Answers have some hundred bytes. */
const MAX_ANSWER_BYTES = 100_000

/** Whether a facilitator would settle a payment now. It moves no money. @throws FacilitatorUnavailable */
export const verifyPayment = (platform: Platform, payment: SignedPayment): Promise<Types.VerifyResponse> =>
  ask(platform, 'verify', payment, VERIFY_MS, (answer) => Types.VerifyResponseSchema.parse(answer))

/**
 * Has a facilitator send a payment to the chain, and waits for what became of it. The token takes an authorization once, so
 * asking again charges nobody twice.
 *
 * @throws FacilitatorUnavailable when nobody knows whether it was sent.
 */
export const settlePayment = (platform: Platform, payment: SignedPayment): Promise<Types.SettleResponse> =>
  ask(platform, 'settle', payment, SETTLE_MS, (answer) => Types.SettleResponseSchema.parse(answer))

/** Facilitators answer refusals with 200 or 400; what counts is what the body says. */
async function ask<T>(
  platform: Platform,
  path: 'verify' | 'settle',
  payment: SignedPayment,
  maxMs: number,
  read: (answer: unknown) => T,
): Promise<T> {
  const address = `${platform.env.X402_FACILITATOR_URL}/${path}`
  try {
    const response = await boundedFetch({ maxBytes: MAX_ANSWER_BYTES, maxMs })(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...(await coinbaseHeaders(platform, address)) },
      body: JSON.stringify({ x402Version: 2, ...payment }),
      redirect: 'error',
    })
    return readAnswer(response.status, await response.text(), read)
  } catch (error) {
    platform.log.warn({ err: error, path }, 'the x402 facilitator gave no answer')
    throw new FacilitatorUnavailable(error)
  }
}

/** Some write null for what others leave out. */
const withoutNulls = (_name: string, value: unknown): unknown => value ?? undefined

function readAnswer<T>(status: number, text: string, read: (answer: unknown) => T): T {
  try {
    return read(JSON.parse(text, withoutNulls))
  } catch (error) {
    throw new Error(`It answered ${status}, and not as facilitators do: ${text.slice(0, 200)}`, { cause: error })
  }
}
