import type { Db } from '#db/client.ts'
import { LastWayIn } from './users.errors.ts'
import { lockUser } from './users.queries.ts'
import { countWaysIn } from './ways-in.queries.ts'

/**
 * Makes sure that a person can still sign in after one of their ways was taken away in this transaction. Of two calls that take
 * away the last two at once, one fails.
 *
 * @param systemDb the transaction.
 * @throws LastWayIn
 */
export async function keepAWayIn(systemDb: Db, userId: string): Promise<void> {
  await lockUser(systemDb, userId)
  if ((await countWaysIn(systemDb, userId)) === 0) throw new LastWayIn()
}
