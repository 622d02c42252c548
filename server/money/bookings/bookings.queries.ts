import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const columns = [
  'id',
  'accountId',
  'venue',
  'heldOn',
  'guaranteeUnits',
  'backendUnits',
  'depositUnits',
  'status',
  'escrowKeyId',
  'escrowAddress',
  'chainId',
  'nextBlock',
  'createdAt',
  'releasedAt',
  'settledAt',
] as const

const received = sql<number>`(select coalesce(sum(units - refunded_units), 0) from booking_deposits
  where booking_deposits.booking_id = bookings.id)::int8`

/** A booking. Amounts are millionths of a USDC; `receivedUnits` is what arrived and was not sent back. */
export type BookingRow = NonNullable<Awaited<ReturnType<typeof findBooking>>>

interface NewBooking {
  id: string
  venue: string
  heldOn: string
  guaranteeUnits: number
  backendUnits: number
  depositUnits: number
}

export interface Share {
  address: string
  basisPoints: number
  role: string
  name: string
}

export async function insertBooking(db: Db, accountId: AccountId, booking: NewBooking, shares: Share[]): Promise<void> {
  await db
    .insertInto('bookings')
    .values({ ...booking, accountId })
    .execute()
  const rows = shares.map((share, position) => ({ ...share, position, accountId, bookingId: booking.id }))
  await db.insertInto('bookingShares').values(rows).execute()
}

const bookings = (db: Db) => db.selectFrom('bookings').select(columns).select(received.as('receivedUnits'))

export const findBooking = (db: Db, accountId: AccountId, id: string) =>
  bookings(db).where('accountId', '=', accountId).where('id', '=', id).executeTakeFirst()

/** Newest first, from behind a place; `place` is when each was made, exactly. */
export const listBookings = (db: Db, accountId: AccountId, limit: number, after?: TimePlace) =>
  bookings(db)
    .where('accountId', '=', accountId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .select(exactTime('createdAt').as('place'))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export async function countBookings(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await db
    .selectFrom('bookings')
    .where('accountId', '=', accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Shares of bookings, in their order. */
export const listShares = (db: Db, accountId: AccountId, bookingIds: string[]) =>
  db
    .selectFrom('bookingShares')
    .where('accountId', '=', accountId)
    .where('bookingId', 'in', bookingIds)
    .select(['bookingId', 'address', 'basisPoints', 'role', 'name'])
    .orderBy('bookingId')
    .orderBy('position')
    .execute()

/** Nobody else changes a booking, its deposits or its payouts until the transaction ends. */
export const lockBooking = (systemDb: Db, id: string) =>
  systemDb.selectFrom('bookings').where('id', '=', id).select('id').forUpdate().executeTakeFirst()

/** Gives a booking the address that holds its money; false when it has one. */
export async function giveEscrow(
  systemDb: Db,
  id: string,
  escrow: { escrowKeyId: string; escrowAddress: string; chainId: number; nextBlock: number },
): Promise<boolean> {
  const given = await systemDb
    .updateTable('bookings')
    .set(escrow)
    .where('id', '=', id)
    .where('escrowKeyId', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return given !== undefined
}

/** Releases the money of a locked booking, if so much has arrived; false when it has not, or the money was released before. */
export async function markReleased(systemDb: Db, id: string, neededUnits: number): Promise<boolean> {
  const released = await systemDb
    .updateTable('bookings')
    .set({ status: 'completed', releasedAt: sql<string>`now()` })
    .where('id', '=', id)
    .where('releasedAt', 'is', null)
    .where('escrowKeyId', 'is not', null)
    .where(sql<boolean>`${received} >= ${neededUnits}`)
    .returning('id')
    .executeTakeFirst()
  return released !== undefined
}

/** A locked booking that is not released is confirmed while its deposit is there. */
export const confirmFunded = (systemDb: Db, id: string) =>
  systemDb
    .updateTable('bookings')
    .set({ status: sql<string>`case when ${received} >= deposit_units and ${received} > 0 then 'confirmed' else 'pending' end` })
    .where('id', '=', id)
    .where('releasedAt', 'is', null)
    .execute()

/** Bookings whose payouts are all in the chain are settled. */
export const settleFinished = (systemDb: Db) =>
  systemDb
    .updateTable('bookings')
    .set({ status: 'settled', settledAt: sql<string>`now()` })
    .where('status', '=', 'completed')
    .where(
      sql<boolean>`not exists (select from settlement_payouts p left join chain_transfers t on t.ref = p.ref
        where p.booking_id = bookings.id and p.kind <> 'refund' and p.ref is not null and t.state is distinct from 'confirmed')`,
    )
    .execute()

/** Bookings at whose addresses something may arrive: until a quarter of a year after they were settled. Those looked at longest ago first. */
export const listWatched = (systemDb: Db, chainId: number, limit: number) =>
  bookings(systemDb)
    .where('chainId', '=', chainId)
    .where(sql<boolean>`(settled_at is null or settled_at > now() - interval '90 days')`)
    .orderBy('nextBlock')
    .orderBy('id')
    .limit(limit)
    .execute()
