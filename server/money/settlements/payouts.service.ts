import type { Address } from 'viem'
import type { Db } from '#db/client.ts'
import { explorerUrl, networkOfChain } from '#server/integrations/chains/index.ts'
import { type AccountId, newId } from '#server/platform/core/index.ts'
import { microUsdOfUnits, unitsOfMicroUsd, type TokenUnits } from '#server/platform/money/index.ts'
import { queueTransfer } from '../transfers/index.ts'
import * as queries from './payouts.queries.ts'
import type { SettlementStatus } from './settlements.contract.ts'

export type { PayoutRow } from './payouts.queries.ts'
export { listOfBookings, listOfSplit } from './payouts.queries.ts'

/** Where payouts come from. */
export interface Payer {
  keyId: string
  chainId: number
  /** The contract of USDC on that chain. */
  token: Address
  /** Whether they wait while there is too little, of USDC or of ether for gas; otherwise they fail then. */
  waitsForFunds: boolean
}

/** Somebody who is to be paid. */
export interface Due {
  kind: 'share' | 'fee' | 'refund'
  name: string
  address: string
  units: TokenUnits
  /** Why nothing is paid; it is only written down then. */
  skippedBecause?: string
}

const refOf = (owner: queries.PayoutOwner, position: number, attempt = 1): string =>
  `${owner.bookingId === undefined ? `split:${owner.splitId}` : `booking:${owner.bookingId}`}:${position}${attempt > 1 ? `:${attempt}` : ''}`

/**
 * Writes payouts down and orders their transfers, in the transaction of whoever owes them. The caller has seen to it that they are
 * owed, and locked what says so: a second time they would have other names.
 *
 * @param first The place of the first one among the payouts of its owner.
 */
export async function orderPayouts(
  systemDb: Db,
  accountId: AccountId,
  owner: queries.PayoutOwner,
  payer: Payer,
  dues: Due[],
  first = 0,
): Promise<void> {
  const refs = dues.map((due, index) => (isPaid(due) ? refOf(owner, first + index) : null))
  await notePayouts(systemDb, accountId, owner, dues, refs, first)
  for (const [index, ref] of refs.entries()) if (ref !== null) await order(systemDb, payer, ref, dues[index]!.address, dues[index]!.units)
}

/** Whether anything is to be sent for it. */
export const isPaid = ({ units, skippedBecause }: Due): boolean => units > 0n && skippedBecause === undefined

/** Writes payouts down whose transfers were ordered under these names; null where none was. */
export async function notePayouts(
  systemDb: Db,
  accountId: AccountId,
  owner: queries.PayoutOwner,
  dues: Due[],
  refs: (string | null)[],
  first = 0,
): Promise<void> {
  if (dues.length === 0) return
  const rows = dues.map(({ kind, name, address, units, skippedBecause }, index) => {
    const ref = refs[index]!
    const reason = ref === null ? (skippedBecause ?? 'The share is less than the smallest unit.') : null
    return { id: newId('payout'), position: first + index, kind, name, address, units: microUsdOfUnits(units), ref, skippedBecause: reason }
  })
  await queries.insertPayouts(systemDb, accountId, owner, rows)
}

/**
 * Orders what failed once more, under a name of its own: nothing was paid under the old one, and never will be.
 *
 * @returns whether there was any.
 */
export async function retryFailed(systemDb: Db, payer: Payer, owner: queries.PayoutOwner, payouts: queries.PayoutRow[]): Promise<boolean> {
  const failed = payouts.filter(({ state }) => state === 'failed')
  for (const { id, position, attempt, address, units } of failed) {
    const ref = refOf(owner, position, attempt + 1)
    if (await queries.retryPayout(systemDb, id, attempt, ref)) await order(systemDb, payer, ref, address, unitsOfMicroUsd(units))
  }
  return failed.length > 0
}

const order = (systemDb: Db, { keyId, chainId, token, waitsForFunds }: Payer, ref: string, to: string, amount: bigint) =>
  queueTransfer(systemDb, { keyId, chainId, token, waitsForFunds, ref, to: to as Address, amount })

/** What became of a payout, as answers say it: a hash only of one that is in the chain, since another may take its place before. */
export function outcomeOf({ ref, state, problem, txHash, chainId, skippedBecause }: queries.PayoutRow): {
  status: SettlementStatus
  txHash?: string
  explorerUrl?: string
  error?: string
  reason?: string
} {
  if (ref === null) return { status: 'skipped', reason: skippedBecause! }
  if (state === 'confirmed')
    return { status: 'completed', txHash: txHash!, explorerUrl: explorerUrl(networkOfChain(chainId!), 'tx', txHash!) }
  return { status: state === 'failed' ? 'failed' : 'pending', ...(problem === null ? {} : { error: problem }) }
}
