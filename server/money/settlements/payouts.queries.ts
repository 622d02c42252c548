import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** Whom payouts are for. */
export type PayoutOwner = { bookingId: string; splitId?: never } | { splitId: string; bookingId?: never }

export interface NewPayout {
  id: string
  position: number
  kind: 'share' | 'fee' | 'refund'
  name: string
  address: string
  /** Millionths of a USDC. */
  units: number
  /** Names the transfer; null where there is none. */
  ref: string | null
  skippedBecause: string | null
}

export const insertPayouts = (systemDb: Db, accountId: AccountId, owner: PayoutOwner, payouts: NewPayout[]) =>
  systemDb
    .insertInto('settlementPayouts')
    .values(payouts.map((payout) => ({ ...payout, accountId, ...owner })))
    .execute()

const columns = [
  'settlementPayouts.id',
  'settlementPayouts.bookingId',
  'settlementPayouts.splitId',
  'settlementPayouts.position',
  'settlementPayouts.kind',
  'settlementPayouts.name',
  'settlementPayouts.address',
  'settlementPayouts.units',
  'settlementPayouts.attempt',
  'settlementPayouts.ref',
  'settlementPayouts.skippedBecause',
  'chainTransfers.state',
  'chainTransfers.problem',
  'chainTransfers.txHash',
  'chainTransfers.chainId',
] as const

const payouts = (db: Db) =>
  db.selectFrom('settlementPayouts').leftJoin('chainTransfers', 'chainTransfers.ref', 'settlementPayouts.ref').select(columns)

/** A payout, with what became of its transfer. */
export type PayoutRow = Awaited<ReturnType<typeof listOfBookings>>[number]

/** Payouts of bookings, in their order. */
export const listOfBookings = (db: Db, accountId: AccountId, bookingIds: string[]) =>
  payouts(db)
    .where('settlementPayouts.accountId', '=', accountId)
    .where('settlementPayouts.bookingId', 'in', bookingIds)
    .orderBy('settlementPayouts.position')
    .execute()

/** Payouts of a split, in their order. */
export const listOfSplit = (db: Db, accountId: AccountId, splitId: string) =>
  payouts(db)
    .where('settlementPayouts.accountId', '=', accountId)
    .where('settlementPayouts.splitId', '=', splitId)
    .orderBy('settlementPayouts.position')
    .execute()

/** The place behind the last payout of a booking. */
export async function nextPosition(systemDb: Db, bookingId: string): Promise<number> {
  const { next } = await systemDb
    .selectFrom('settlementPayouts')
    .where('bookingId', '=', bookingId)
    .select(sql<number>`coalesce(max(position) + 1, 0)`.as('next'))
    .executeTakeFirstOrThrow()
  return next
}

/** Has a payout tried again under another name; false when it was tried again meanwhile. */
export async function retryPayout(systemDb: Db, id: string, attempt: number, ref: string): Promise<boolean> {
  const retried = await systemDb
    .updateTable('settlementPayouts')
    .set({ ref, attempt: attempt + 1 })
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .returning('id')
    .executeTakeFirst()
  return retried !== undefined
}

/** Payouts of bookings whose transfers are in the chain, and that are in no book yet. */
export const listUnbooked = (systemDb: Db, limit: number) =>
  systemDb
    .selectFrom('settlementPayouts')
    .innerJoin('chainTransfers', 'chainTransfers.ref', 'settlementPayouts.ref')
    .where('settlementPayouts.bookingId', 'is not', null)
    .where('settlementPayouts.bookedAt', 'is', null)
    .where('chainTransfers.state', '=', 'confirmed')
    .select(['settlementPayouts.id', 'settlementPayouts.kind', 'settlementPayouts.units', 'chainTransfers.chainId'])
    .orderBy('settlementPayouts.id')
    .limit(limit)
    .execute()

/** False when it was booked before. */
export async function markBooked(systemDb: Db, id: string): Promise<boolean> {
  const booked = await systemDb
    .updateTable('settlementPayouts')
    .set({ bookedAt: sql<string>`now()` })
    .where('id', '=', id)
    .where('bookedAt', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return booked !== undefined
}
