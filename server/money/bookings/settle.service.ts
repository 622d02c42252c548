import { inTransaction, type Platform } from '#server/platform/core/index.ts'
import { unitsOfMicroUsd } from '#server/platform/money/index.ts'
import { listUnbooked, markBooked } from '../settlements/index.ts'
import { settleFinished } from './bookings.queries.ts'
import { bookPayout } from './escrow-books.ts'

/** How many payouts one round books. */
const MAX_AT_ONCE = 500

/** Books the payouts of bookings that are in the chain, each once, and settles the bookings all of whose payouts are. */
export async function settleBookings({ databases: { system } }: Platform): Promise<void> {
  for (const { id, kind, units, chainId } of await listUnbooked(system, MAX_AT_ONCE))
    await inTransaction(system, async (db) => {
      if (await markBooked(db, id)) await bookPayout(db, { id, kind, chainId, units: unitsOfMicroUsd(units) })
    })
  await settleFinished(system)
}
