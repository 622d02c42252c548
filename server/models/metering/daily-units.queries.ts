import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** Calls of models since the day began (UTC) that are counted as units. */
export async function countUnits(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await db
    .selectFrom('usageEvents')
    .where('accountId', '=', accountId)
    .where('createdAt', '>=', sql<string>`date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'`)
    .where('isOwnKey', '=', false)
    .where('isPrepaid', '=', false)
    .where((eb) => eb.or([eb('outcome', '=', 'ok'), eb('inputTokens', 'is not', null)]))
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}
