import { formatUsd } from '#server/platform/money/index.ts'
import { ChainNotConfigured, tempoChainId } from '#server/integrations/chains/index.ts'
import type { Context, Platform } from '#server/platform/core/index.ts'
import { findUsablePayment, type ClaimedPayment, type PaymentRow } from './chain-payments.service.ts'
import { checkChallenge, issueChallenge, writeAuthenticate, type Terms } from './mpp-challenge.rules.ts'
import { claimPaid, claimReceived, claimSigned, type Answer } from './mpp-claims.service.ts'
import { readCredential } from './mpp-credential.rules.ts'
import { payByTransaction } from './mpp-payment.ts'
import { readTransaction } from './mpp-transaction.rules.ts'
import { PaymentRefused, PaymentUnconfirmed } from './mpp.errors.ts'
import type { Payment, Price } from './payment.ts'

/** What to pay, and to whom, as this server documents it. */
export interface MppChallenge {
  scheme: 'Payment'
  /** US dollars, as a decimal. */
  amount: string
  currency: string
  recipient: string
  description: string
  nonce: string
  /** Unix time in milliseconds. */
  expiresAt: number
}

/**
 * A challenge to pay for one call, for the body of an answer and for its WWW-Authenticate header.
 *
 * @throws ChainNotConfigured
 */
export async function createChallenge({ platform }: Context, price: Price): Promise<{ mpp: MppChallenge; wwwAuthenticate: string }> {
  const terms = termsOf(platform, price)
  const { challenge, expiresAt } = issueChallenge(terms, signingKey(platform), Date.now())
  return {
    mpp: {
      scheme: 'Payment',
      amount: formatUsd(price.amountMicroUsd),
      currency: terms.currency,
      recipient: terms.recipient,
      description: price.description,
      nonce: challenge.id,
      expiresAt,
    },
    wwwAuthenticate: writeAuthenticate(challenge, terms),
  }
}

function termsOf({ env }: Platform, price: Price): Terms {
  if (!env.TEMPO_RPC_URL) throw new ChainNotConfigured('TEMPO_RPC_URL')
  if (!env.MPP_RECIPIENT) throw new ChainNotConfigured('MPP_RECIPIENT')
  return {
    realm: new URL(env.APP_URL).host,
    chainId: tempoChainId(env),
    currency: env.MPP_CURRENCY,
    recipient: env.MPP_RECIPIENT,
    price,
  }
}

const signingKey = ({ secrets }: Platform): string => secrets.signingKey('mpp challenges')

/**
 * Checks what an Authorization header pays with, in either of its forms, and keeps every other call from using it.
 * No money is taken yet.
 *
 * @throws PaymentRefused saying what is wrong; PaymentUnconfirmed; ChainNotConfigured, ChainUnavailable.
 */
export async function authorizeMpp(ctx: Context, price: Price, authorization: string): Promise<Payment> {
  const { platform } = ctx
  const answer = await readAnswer(platform, price, authorization)
  const known = await findUsablePayment(platform, answer.credential.challengeId, answer.txHash)
  const claimed = known?.state === 'confirmed' ? await claimPaid(platform, known) : await claimUnpaid(ctx, answer, known)
  return payByTransaction(platform, claimed, answer.credential.form)
}

async function readAnswer(platform: Platform, price: Price, authorization: string): Promise<Answer> {
  const terms = termsOf(platform, price)
  const credential = readCredential(authorization)
  const expiresAt = checkChallenge(terms, signingKey(platform), credential)
  const { payload } = credential
  const signed = payload.type === 'transaction' ? await readTransaction(payload.transaction) : undefined
  return { terms, credential, expiresAt, signed, txHash: payload.type === 'hash' ? payload.hash : signed!.hash }
}

async function claimUnpaid(ctx: Context, answer: Answer, known: PaymentRow | undefined): Promise<ClaimedPayment> {
  const wasSent = known?.state === 'pending'
  if (answer.expiresAt <= Date.now()) throw wasSent ? new PaymentUnconfirmed() : new PaymentRefused('The challenge has expired.')
  return answer.signed ? claimSigned(ctx, answer, answer.signed, known) : claimReceived(ctx, answer)
}
