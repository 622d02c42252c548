import { microUsdOfUnits } from '#server/platform/money/index.ts'
import { isAddressEqual, type Hex } from 'viem'
import { simulateTransfer, findReceipt, transfersIn } from '#server/integrations/chains/index.ts'
import { accountOf, hasAccount, type Context, type Platform, newId } from '#server/platform/core/index.ts'
import {
  claimKnownPayment,
  claimNewPayment,
  claimReceivedPayment,
  type ClaimedPayment,
  type NewPayment,
  type PaymentRow,
} from './chain-payments.service.ts'
import { isDepositMemo } from './deposit-proof.rules.ts'
import type { Terms } from './mpp-challenge.rules.ts'
import type { ReadCredential } from './mpp-credential.rules.ts'
import { isMemoFor, isPaymentMemo } from './mpp-memo.rules.ts'
import { checkAmount, checkTransaction, type SignedTransaction, type SignedTransfer } from './mpp-transaction.rules.ts'
import { PaymentRefused, PaymentUnconfirmed } from './mpp.errors.ts'

const YEAR_MS = 365 * 24 * 60 * 60 * 1000

/** A credential that answers a challenge of this server for this very call. */
export interface Answer {
  terms: Terms
  credential: ReadCredential
  /** Hash of the transaction that pays. */
  txHash: Hex
  /** The transaction itself, unless its sender has sent it already. */
  signed: SignedTransaction | undefined
  /** Unix time in milliseconds. */
  expiresAt: number
}

/** A payment that arrived, and got nothing for it yet; it does not expire any more. */
export async function claimPaid(platform: Platform, payment: PaymentRow): Promise<ClaimedPayment> {
  const claimedBy = newId('request')
  await claimKnownPayment(platform, payment.id, claimedBy)
  return { ...payment, claimedBy, raw: undefined, wasSent: true, validBefore: undefined }
}

/** A transaction that this server is to send. */
export async function claimSigned(
  ctx: Context,
  answer: Answer,
  signed: SignedTransaction,
  known: PaymentRow | undefined,
): Promise<ClaimedPayment> {
  const { platform } = ctx
  const { terms, txHash } = answer
  const { transaction, raw } = signed
  const transfer = checkTransaction(signed, terms, Date.now())
  checkPayer(answer, transfer)
  // Whoever has seen it on the chain could bring it here as theirs.
  if (!known && (await findReceipt(platform, txHash)))
    throw new PaymentRefused('The transaction is on the chain already, and was not sent for this challenge.')
  const wasSent = known?.state === 'pending'
  const obstacle = await simulateTransfer(platform, transaction, { ...transfer, token: terms.currency })
  // Of one that was sent it may be the obstacle that it has just arrived.
  if (obstacle) throw wasSent ? new PaymentUnconfirmed() : new PaymentRefused(obstacle)
  const claimedBy = newId('request')
  const payment = newPayment(ctx, answer, transfer)
  if (known) await claimKnownPayment(platform, known.id, claimedBy)
  else await claimNewPayment(platform, payment, claimedBy)
  return { ...payment, id: known?.id ?? payment.id, txHash, claimedBy, raw, wasSent, validBefore: transaction.validBefore }
}

/** A transaction that its sender has sent. */
export async function claimReceived(ctx: Context, answer: Answer): Promise<ClaimedPayment> {
  const { platform } = ctx
  const { terms, txHash, credential } = answer
  const receipt = await findReceipt(platform, txHash)
  if (!receipt) throw new PaymentRefused('No block has a transaction with that hash.')
  if (receipt.status !== 'success') throw new PaymentRefused('The transaction failed on the chain.')
  const received = transfersIn(receipt.logs, terms.currency).filter(({ to }) => isAddressEqual(to, terms.recipient))
  if (received.length === 0)
    throw new PaymentRefused(`The transaction does not transfer the currency ${terms.currency} to the recipient ${terms.recipient}.`)
  const binding = { realm: terms.realm, challengeId: credential.challengeId }
  const transfer = received.find(({ memo }) => isMemoFor(memo, binding)) ?? received[0]!
  const { from: payer, amount, memo } = transfer
  checkAmount(amount, terms)
  checkPayer(answer, { payer, amount, memo })
  const claimedBy = newId('request')
  const payment = newPayment(ctx, answer, { payer, amount, memo })
  await claimReceivedPayment(platform, payment, claimedBy)
  return { ...payment, claimedBy, raw: undefined, wasSent: true, validBefore: undefined }
}

/**
 * Checks the memo, so that nobody can use what another one paid: the protocol's own clients always send one, and one
 * that is there must not say that the transfer is for something else.
 */
function checkPayer({ terms, credential }: Answer, { payer, memo }: SignedTransfer): void {
  if (credential.form === 'standard' && credential.source) {
    const { address, chainId } = credential.source
    if (chainId !== terms.chainId || !isAddressEqual(address, payer))
      throw new PaymentRefused(`The source of the payment credential is not ${payer}, who pays.`)
  }
  if (isMemoFor(memo, { realm: terms.realm, challengeId: credential.challengeId })) return
  if (credential.form === 'standard' || (memo && isPaymentMemo(memo)))
    throw new PaymentRefused('The memo of the transfer is not for this challenge.')
  if (memo && isDepositMemo(memo)) throw new PaymentRefused('The memo of the transfer makes it the deposit of an account.')
}

function newPayment(ctx: Context, { terms, credential, txHash, signed }: Answer, { payer, amount }: SignedTransfer): NewPayment {
  return {
    id: newId('chainPayment'),
    accountId: hasAccount(ctx) ? accountOf(ctx) : null,
    challengeId: credential.challengeId,
    txHash,
    payer: payer.toLowerCase(),
    plugin: terms.price.plugin,
    amountMicroUsd: microUsdOfUnits(amount),
    chainId: terms.chainId,
    lapsesAt: lapseOf(signed),
  }
}

/** When a transaction can no longer get into a block; null when that is never, or so late that nobody waits for it. */
function lapseOf(signed: SignedTransaction | undefined): string | null {
  const lapsesAt = (signed?.transaction.validBefore ?? Infinity) * 1000
  return lapsesAt < Date.now() + YEAR_MS ? new Date(lapsesAt).toISOString() : null
}
