import type { Db } from '#db/client.ts'
import { chainPayment, recordIncome } from '../billing/index.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { findPaymentOf, lockTransfer } from './chain-payments.queries.ts'
import { DepositRefused } from './sessions.errors.ts'

/** A transfer on the chain that belongs to an account. */
export interface Transfer {
  chainId: number
  txHash: string
  amountMicroUsd: number
}

/**
 * LedgerAccounts a transfer into the balance of its account, in a transaction of the caller's. It is booked once, and never
 * when it pays for a call, not even while that call still works.
 *
 * @throws DepositRefused
 */
export async function bookDeposit(db: Db, accountId: AccountId, { chainId, txHash, amountMicroUsd }: Transfer): Promise<void> {
  await lockTransfer(db, txHash)
  if (await findPaymentOf(db, txHash)) throw new DepositRefused('DEPOSIT_PAYS_A_CALL')
  const isNew = await recordIncome(db, { ...chainPayment(chainId, txHash), amountMicroUsd, reason: 'deposit', accountId })
  if (!isNew) throw new DepositRefused('DEPOSIT_ALREADY_USED')
}
