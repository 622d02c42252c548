import type { Address, Hex } from 'viem'
import { parseUsd } from '#server/platform/money/index.ts'
import { tempoChainId, findTransferTo, type IncomingTransfer } from '#server/integrations/chains/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { findPaymentOf } from './chain-payments.queries.ts'
import type { Transfer } from './deposit-booking.service.ts'
import { depositMemo, depositTypedData, isDepositMemo, isSignedBySender } from './deposit-proof.rules.ts'
import { isPaymentMemo } from './mpp-memo.rules.ts'
import type { DepositTerms, OpenSession } from './sessions.contract.ts'
import { DepositRefused, DepositUnproven } from './sessions.errors.ts'

type Claim = Omit<OpenSession, 'depositTx'> & { depositTx: string }

const SECOND_MS = 1000

/** Whom to pay for a deposit, and what shows whose it is. */
export async function showDepositTerms(ctx: AccountContext): Promise<DepositTerms> {
  const { env } = ctx.platform
  const names = namesOf(ctx)
  return {
    recipient: env.MPP_RECIPIENT ?? null,
    currency: env.MPP_CURRENCY,
    chainId: tempoChainId(env),
    memo: depositMemo(names),
    ...names,
  }
}

const namesOf = (ctx: AccountContext) => ({ server: new URL(ctx.platform.env.APP_URL).host, account: accountOf(ctx) as string })

/**
 * The transfer that is to pay a deposit. Hashes and addresses are public, so it has to be shown that the transfer
 * is the caller's: by the memo of the account, or by a signature of its sender. Transfers from before the account was
 * made were not made for it, whoever sent them.
 *
 * @throws DepositRefused, DepositUnproven; ChainNotConfigured, ChainUnavailable
 */
export async function findOwnTransfer(ctx: AccountContext, claim: Claim): Promise<Transfer> {
  const transfer = await findTransferTo(ctx.platform, claim.depositTx)
  if (!transfer) throw new DepositRefused('DEPOSIT_NOT_FOUND')
  if (transfer.from.toLowerCase() !== claim.address.toLowerCase()) throw new DepositRefused('DEPOSIT_WRONG_SENDER')
  if (transfer.memos.some(isPaymentMemo) || (await findPaymentOf(ctx.platform.databases.system, claim.depositTx)))
    throw new DepositRefused('DEPOSIT_PAYS_A_CALL')
  await checkProof(ctx, claim, transfer)
  // A block has whole seconds.
  const accountSince = Math.floor(Date.parse(ctx.actor.account.createdAt) / SECOND_MS) * SECOND_MS
  if (transfer.minedAt < accountSince) throw new DepositRefused('DEPOSIT_TOO_OLD')
  if (transfer.amountMicroUsd < parseUsd(claim.deposit)) throw new DepositRefused('DEPOSIT_TOO_SMALL')
  return { chainId: transfer.chainId, txHash: claim.depositTx, amountMicroUsd: transfer.amountMicroUsd }
}

async function checkProof(ctx: AccountContext, claim: Claim, { memos, chainId }: IncomingTransfer): Promise<void> {
  const names = namesOf(ctx)
  const memo = depositMemo(names)
  const given = memos.filter(isDepositMemo)
  if (given.some((other) => other !== memo)) throw new DepositRefused('DEPOSIT_OF_ANOTHER_ACCOUNT')
  if (given.length > 0) return
  const { address, depositTx, depositSignature } = claim
  const signed = { ...names, transaction: depositTx as Hex }
  if (depositSignature && (await isSignedBySender(address as Address, signed, chainId, depositSignature))) return
  throw new DepositUnproven({ ...depositTypedData(signed, chainId) }, memo, depositSignature !== undefined)
}
