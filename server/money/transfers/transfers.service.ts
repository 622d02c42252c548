import type { Address } from 'viem'
import type { Db } from '#db/client.ts'
import { newId } from '#server/platform/core/index.ts'
import { findKey } from './chain-keys.queries.ts'
import * as queries from './transfers.queries.ts'

/** A payment from an address of which this server has the key. */
interface TransferOrder {
  /** Id of the key that pays. */
  keyId: string
  /** As `baseChainId` says. */
  chainId: number
  to: Address
  /** Contract of the token (ERC-20); null for ether. */
  token: Address | null
  /** In the smallest unit. */
  amount: bigint
  /** Names what is paid for, for good: the same is never paid twice. Such as `booking:<id>:release:<party>`. */
  ref: string
  /** Whether it waits while the address has too little; otherwise it fails then. Default false. */
  waitsForFunds?: boolean
}

/**
 * Orders a payment, in the transaction of whoever owes it: it is made, once, if and only if that transaction is committed.
 * `driveTransfers` does it. Ordering it again is harmless.
 *
 * @param systemDb A transaction of the system connection.
 * @returns the payment as it is now.
 * @throws Error when something else was ordered under the same `ref`, for programs that mix up their payments.
 */
export async function queueTransfer(systemDb: Db, order: TransferOrder): Promise<queries.TransferRow> {
  const { keyId, chainId, ref, amount, waitsForFunds = false } = order
  const key = await findKey(systemDb, keyId)
  if (!key) throw new Error(`there is no chain key ${keyId}`)
  const content = {
    keyId,
    chainId,
    recipient: order.to.toLowerCase(),
    asset: order.token?.toLowerCase() ?? null,
    amount: String(amount),
  }
  const inserted = await queries.insertTransfer(systemDb, {
    ...content,
    id: newId('chainTransfer'),
    accountId: key.accountId,
    ref,
    waitsForFunds,
  })
  if (inserted) return inserted
  const known = (await queries.findByRef(systemDb, ref))!
  const isSame = Object.entries(content).every(([name, value]) => known[name as keyof typeof content] === value)
  if (!isSame) throw new Error(`another transfer was ordered as ${ref}`)
  return known
}

/** The payment that was ordered under a name, as it is now; undefined when there is none. */
export const transferOf = (db: Db, ref: string): Promise<queries.TransferRow | undefined> => queries.findByRef(db, ref)
