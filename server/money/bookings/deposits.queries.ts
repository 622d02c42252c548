import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

interface NewDeposit {
  accountId: string
  bookingId: string
  chainId: number
  txHash: string
  logIndex: number
  sender: string
  units: number
  blockNumber: number
}

/** Writes down what arrived for a locked booking; what comes after its release is late. False when it was written down before. */
export async function insertDeposit(systemDb: Db, deposit: NewDeposit): Promise<boolean> {
  const isLate = sql<boolean>`(select released_at is not null from bookings where id = ${deposit.bookingId})`
  const inserted = await systemDb
    .insertInto('bookingDeposits')
    .values({ ...deposit, isLate })
    .onConflict((conflict) => conflict.columns(['chainId', 'txHash', 'logIndex']).doNothing())
    .returning('txHash')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Everything up to this block was looked at. */
export const advance = (systemDb: Db, bookingId: string, nextBlock: number) =>
  systemDb
    .updateTable('bookings')
    .set({ nextBlock: sql<number>`greatest(next_block, ${nextBlock}::int8)` })
    .where('id', '=', bookingId)
    .execute()

/** What arrived for a booking and was not sent back, the last one first. */
export const listDeposits = (systemDb: Db, bookingId: string) =>
  systemDb
    .selectFrom('bookingDeposits')
    .where('bookingId', '=', bookingId)
    .whereRef('refundedUnits', '<', 'units')
    .select(['chainId', 'txHash', 'logIndex', 'sender', sql<number>`units - refunded_units`.as('leftUnits')])
    .orderBy('blockNumber', 'desc')
    .orderBy('logIndex', 'desc')
    .execute()

/** So much of a deposit goes back. */
export const addRefund = (
  systemDb: Db,
  { chainId, txHash, logIndex }: Pick<NewDeposit, 'chainId' | 'txHash' | 'logIndex'>,
  units: number,
) =>
  systemDb
    .updateTable('bookingDeposits')
    .set({ refundedUnits: sql<number>`refunded_units + ${units}::int8` })
    .where('chainId', '=', chainId)
    .where('txHash', '=', txHash)
    .where('logIndex', '=', logIndex)
    .execute()

/** What of a booking was ordered to be paid out: shares and fees. */
export async function sumOrdered(systemDb: Db, bookingId: string): Promise<number> {
  const { sum } = await systemDb
    .selectFrom('settlementPayouts')
    .where('bookingId', '=', bookingId)
    .where('kind', '<>', 'refund')
    .where('ref', 'is not', null)
    .select(sql<number>`coalesce(sum(units), 0)::int8`.as('sum'))
    .executeTakeFirstOrThrow()
  return sum
}
