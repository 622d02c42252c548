import type { Types } from 'mppx/x402'
import { baseChainId, ChainNotConfigured } from '#server/integrations/chains/index.ts'
import { verifyPayment, type SignedPayment } from '#server/integrations/x402/index.ts'
import { accountOf, hasAccount, newId, type Context, type Platform } from '#server/platform/core/index.ts'
import { dropClaim } from './chain-payments.queries.ts'
import { CLAIM_SECONDS, claimKnownPayment, IN_USE, REFUNDED, USED_BEFORE, USED_OR_IN_USE } from './chain-payments.service.ts'
import { deferPayment } from './deferred-payment.ts'
import { PaymentRefused } from './mpp.errors.ts'
import type { Payment, Price } from './payment.ts'
import { findAuthorized, insertAuthorized, type AuthorizedRow } from './x402-payments.queries.ts'
import { confirm, findTransfer, takeAuthorized, type ClaimedAuthorization } from './x402-payments.service.ts'
import { checkSignature, checkValidity, readSignature, type ReadSignature } from './x402-signature.rules.ts'
import { assetOf, encodeOffer, requirementsOf, writeOffer, writeReceipt, type X402Terms } from './x402-terms.rules.ts'

/** Facilitators settle nothing that lapses within six seconds, and a block is to come before that. */
const SETTLED_BEFORE_LAPSING_MS = 20_000

/** What to pay, as the protocol says it. */
export type X402Offer = Types.PaymentRequired

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * What to pay for one call by x402, for the body of an answer and for its PAYMENT-REQUIRED header. Nothing is stored of it.
 *
 * @throws ChainNotConfigured
 */
export function createOffer({ platform }: Context, price: Price, reason: string | undefined): { x402: X402Offer; paymentRequired: string } {
  const x402 = writeOffer(termsOf(platform, price), reason)
  return { x402, paymentRequired: encodeOffer(x402) }
}

function termsOf({ env }: Platform, price: Price): X402Terms {
  if (!env.X402_RECIPIENT) throw new ChainNotConfigured('X402_RECIPIENT', 'Base')
  return { chainId: baseChainId(env), recipient: env.X402_RECIPIENT, resource: `${env.APP_URL}/api/v1/gateway`, price }
}

/**
 * Checks what a PAYMENT-SIGNATURE header pays with, and keeps every other call from using it. No money is taken yet.
 *
 * @throws PaymentRefused saying what is wrong; PaymentUnconfirmed, FacilitatorUnavailable, ChainUnavailable.
 */
export async function authorizeX402(ctx: Context, price: Price, header: string): Promise<Payment> {
  const { platform } = ctx
  const terms = termsOf(platform, price)
  const signature = readSignature(header)
  checkSignature(signature, terms)
  const challengeId = idOf(terms, signature)
  const known = await findAuthorized(platform.databases.system, challengeId)
  const claimed = known ? await claimKnown(ctx, known, signature) : await claimNew(ctx, terms, challengeId, signature)
  const takeBefore = signature.authorization.validBefore * 1000 - SETTLED_BEFORE_LAPSING_MS
  return deferPayment(platform, {
    method: 'x402',
    id: claimed.id,
    claimedBy: claimed.claimedBy,
    takeBefore: claimed.txHash === null ? takeBefore : Infinity,
    take: () => takeAuthorized(platform, claimed),
    receipt: () => ({ reference: claimed.txHash, headers: receiptHeaders(claimed) }),
    reference: () => claimed.txHash,
  })
}

/** An authorization as its token knows it, which takes it once. */
const idOf = ({ chainId }: X402Terms, { authorization: { from, nonce } }: ReadSignature): string => `x402:${chainId}:${from}:${nonce}`

const receiptHeaders = ({ chainId, payer, txHash }: Pick<AuthorizedRow, 'chainId' | 'payer' | 'txHash'>): Record<string, string> =>
  txHash === null ? {} : { 'Payment-Receipt': txHash, 'PAYMENT-RESPONSE': writeReceipt(assetOf(chainId).network, payer, txHash) }

/** A payment that was brought here before. One that was paid, and got nothing for it, does not expire any more. */
async function claimKnown(ctx: Context, known: AuthorizedRow, signature: ReadSignature): Promise<ClaimedAuthorization> {
  const { platform } = ctx
  if (known.credentialHash !== signature.credentialHash)
    throw new PaymentRefused('The authorization was used by another PAYMENT-SIGNATURE before.')
  if (known.txHash !== null && known.spentAt !== null) {
    Object.assign(ctx.reply.headers, receiptHeaders(known))
    throw new PaymentRefused(`${USED_BEFORE} Its receipt is ${known.txHash}.`)
  }
  if (known.refundedAt !== null) throw new PaymentRefused(REFUNDED)
  if (known.isClaimed) throw new PaymentRefused(IN_USE)
  const claimedBy = newId('request')
  await claimKnownPayment(platform, known.id, claimedBy)
  const row = (await findAuthorized(platform.databases.system, known.challengeId)) ?? known
  const claimed: ClaimedAuthorization = { ...row, claimedBy, wasAsked: row.state !== 'claimed' }
  return keptOnlyIf(platform, claimed, async () => {
    if (row.state === 'claimed') await checkUnasked(platform, signature, JSON.parse(row.signedPayload) as SignedPayment)
    if (row.state === 'pending') await takeAuthorized(platform, claimed)
    if (row.state === 'failed') await findPaid(platform, claimed)
  })
}

/** What was not settled here may have been paid in another way. @throws PaymentRefused */
async function findPaid(platform: Platform, claimed: ClaimedAuthorization): Promise<void> {
  const txHash = await findTransfer(platform, claimed)
  if (txHash === undefined) throw new PaymentRefused('The payment was not settled. Sign another one.')
  await confirm(platform, claimed, txHash)
}

async function claimNew(ctx: Context, terms: X402Terms, challengeId: string, signature: ReadSignature): Promise<ClaimedAuthorization> {
  const { platform } = ctx
  const { payload, credentialHash, authorization } = signature
  const paymentRequirements = requirementsOf(terms)
  // Without what else the client sent: the facilitator needs to know no more than what was signed.
  const paymentPayload = { x402Version: 2 as const, accepted: paymentRequirements, payload: payload.payload }
  const signed: SignedPayment = { paymentPayload, paymentRequirements }
  const claimedBy = newId('request')
  const row = {
    id: newId('chainPayment'),
    accountId: hasAccount(ctx) ? accountOf(ctx) : null,
    challengeId,
    credentialHash,
    signedPayload: JSON.stringify(signed),
    payer: authorization.from,
    plugin: terms.price.plugin,
    amountMicroUsd: terms.price.amountMicroUsd,
    chainId: terms.chainId,
    lapsesAt: new Date(Math.min(authorization.validBefore * 1000, Date.now() + DAY_MS)).toISOString(),
  }
  if (!(await insertAuthorized(platform.databases.system, row, { claimedBy, seconds: CLAIM_SECONDS })))
    throw new PaymentRefused(USED_OR_IN_USE)
  const claimed = { ...row, txHash: null, createdAt: new Date().toISOString(), claimedBy, wasAsked: false }
  return keptOnlyIf(platform, claimed, () => checkUnasked(platform, signature, signed))
}

/** Whether a payment nobody was asked to settle would be settled now. @throws PaymentRefused, FacilitatorUnavailable */
async function checkUnasked(platform: Platform, signature: ReadSignature, signed: SignedPayment): Promise<void> {
  const { from } = signature.authorization
  checkValidity(signature, Date.now() / 1000)
  const { isValid, invalidMessage, invalidReason, payer } = await verifyPayment(platform, signed)
  if (!isValid) throw new PaymentRefused(`The facilitator refuses the payment: ${invalidMessage ?? invalidReason ?? 'it gives no reason'}.`)
  if (payer && payer.toLowerCase() !== from) throw new PaymentRefused(`The facilitator says that ${payer} pays, not ${from}.`)
}

/** Lets go of a payment that is not good for the call after all. */
async function keptOnlyIf(platform: Platform, claimed: ClaimedAuthorization, check: () => Promise<void>): Promise<ClaimedAuthorization> {
  try {
    await check()
    return claimed
  } catch (error) {
    await dropClaim(platform.databases.system, claimed.id, claimed.claimedBy)
    throw error
  }
}
