import { InsufficientCredits } from '#server/money/billing/index.ts'
import { formatUsd } from '#server/platform/money/index.ts'
import { hasAccount, type Context, AppError } from '#server/platform/core/index.ts'
import {
  type MppChallenge,
  type Payment,
  type Price,
  type Receipt,
  type X402Offer,
  authorizeSession,
  loadMpp,
  loadX402,
  requireSession,
} from '#server/money/payments/index.ts'
import type { PaymentMethod, RouteRequest } from './gateway.contract.ts'
import { PaymentRequired } from './gateway.errors.ts'
import { takesMpp, takesX402 } from './gateway.rules.ts'
import { authorizeStripe } from './stripe-payment.ts'

/** The page where an account buys a plan or credits. */
const CHECKOUT_URL = '/billing#credits'

const NO_MPP = 'This server takes no MPP payments.'
const NO_X402 = 'This server takes no x402 payments.'

/**
 * Refuses a call that brings nothing to pay with, and tells the price.
 *
 * @throws PaymentRequired; SessionRequired when only a part of what a session needs is there.
 */
export async function refuseUnpaid(ctx: Context, method: PaymentMethod, price: Price, request: RouteRequest): Promise<void> {
  const { paymentCredential, paymentSignature } = request
  if (method === 'session') requireSession(ctx, request)
  if (method === 'mpp' && !takesMpp(ctx.platform.env)) throw await paymentRequired(ctx, price, NO_MPP)
  if (method === 'x402' && !takesX402(ctx.platform.env)) throw await paymentRequired(ctx, price, NO_X402)
  const isUnpaid = { mpp: !paymentCredential, x402: !paymentSignature, stripe: !hasAccount(ctx), session: false }
  if (isUnpaid[method]) throw await paymentRequired(ctx, price)
}

/**
 * Checks what the call is paid with; nothing is taken yet.
 *
 * @throws PaymentRequired saying why; SessionInvalid, InsufficientSessionBalance, VoucherFailed.
 */
export async function authorizePayment(
  ctx: Context,
  method: PaymentMethod,
  price: Price,
  request: RouteRequest,
): Promise<{ payment: Payment; isInPlan: boolean }> {
  try {
    if (method === 'session') return { payment: await authorizeSession(ctx, price, request), isInPlan: false }
    if (method === 'mpp') return { payment: await payByMpp(ctx, price, request.paymentCredential!), isInPlan: false }
    if (method === 'x402') return { payment: await payByX402(ctx, price, request.paymentSignature!), isInPlan: false }
    // Nobody who is not signed in gets here: they were told the price.
    if (!hasAccount(ctx)) throw await paymentRequired(ctx, price)
    return await authorizeStripe(ctx, price)
  } catch (error) {
    throw await withOffer(ctx, price, error)
  }
}

/** A credential may come with the name of its scheme in front, as in the header, or without. */
async function payByMpp(ctx: Context, price: Price, credential: string): Promise<Payment> {
  const { authorizeMpp } = await loadMpp()
  return withOffers(ctx, price, await authorizeMpp(ctx, price, /^payment\s/i.test(credential) ? credential : `Payment ${credential}`))
}

async function payByX402(ctx: Context, price: Price, signature: string): Promise<Payment> {
  const { authorizeX402 } = await loadX402()
  return withOffers(ctx, price, await authorizeX402(ctx, price, signature))
}

/** A payment that tells the price again when its money cannot be taken. */
function withOffers(ctx: Context, price: Price, payment: Payment): Payment {
  const orOffer = (taking: Promise<Receipt>): Promise<Receipt> =>
    taking.catch(async (error: unknown) => {
      throw await withOffer(ctx, price, error)
    })
  return { ...payment, secure: () => orOffer(payment.secure()), capture: () => orOffer(payment.capture()) }
}

/** Adds what to pay to a payment that did not work. */
async function withOffer(ctx: Context, price: Price, error: unknown): Promise<unknown> {
  if (error instanceof PaymentRequired || !(error instanceof AppError)) return error
  const lacksOffer = error instanceof InsufficientCredits || error.code.toUpperCase() === 'PAYMENT_REQUIRED'
  return lacksOffer ? paymentRequired(ctx, price, error.message) : error
}

async function paymentRequired(ctx: Context, price: Price, reason?: string): Promise<PaymentRequired> {
  const stripe = { checkoutUrl: CHECKOUT_URL, amount: formatUsd(price.amountMicroUsd), currency: 'usd' } as const
  return new PaymentRequired({ ...(await offerMpp(ctx, price)), ...(await offerX402(ctx, price, reason)), stripe }, reason)
}

async function offerMpp(ctx: Context, price: Price): Promise<{ mpp?: MppChallenge }> {
  if (!takesMpp(ctx.platform.env)) return {}
  const { createChallenge } = await loadMpp()
  const { mpp, wwwAuthenticate } = await createChallenge(ctx, price)
  ctx.reply.headers['WWW-Authenticate'] = wwwAuthenticate
  return { mpp }
}

async function offerX402(ctx: Context, price: Price, reason: string | undefined): Promise<{ x402?: X402Offer }> {
  if (!takesX402(ctx.platform.env)) return {}
  const { createOffer } = await loadX402()
  const { x402, paymentRequired } = createOffer(ctx, price, reason)
  ctx.reply.headers['PAYMENT-REQUIRED'] = paymentRequired
  return { x402 }
}
