import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { balanceAccount } from '../billing/index.ts'

/**
 * Entries of the prepaid balance. What a transaction is called may name the other side of it, so that entries have the hash of it for an
 * id. Only the system connection sees entries; they are those of the account's own book alone.
 */
const entriesOf = (systemDb: Db, accountId: AccountId) =>
  systemDb.selectFrom((eb) =>
    eb
      .selectFrom('ledgerEntries')
      .where('bookId', '=', balanceAccount(accountId).id)
      .select([sql<string>`md5(transaction_id)`.as('id'), 'amount as amountMicroUsd', 'reason', 'createdAt'])
      .as('entries'),
  )

/** The newest entries, from behind a place. */
export const listEntries = (systemDb: Db, accountId: AccountId, limit: number, after?: TimePlace) =>
  entriesOf(systemDb, accountId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .select(['id', 'amountMicroUsd', 'reason', 'createdAt', exactTime('createdAt').as('place')])
    .limit(limit)
    .execute()

export async function countEntries(systemDb: Db, accountId: AccountId): Promise<number> {
  const { count } = await entriesOf(systemDb, accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}
