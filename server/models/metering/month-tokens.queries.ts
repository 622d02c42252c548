import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** Tokens the account's calls took this month (UTC) that count against its plan. */
export async function sumMonthTokens(db: Db, accountId: AccountId): Promise<number> {
  const { tokens } = await db
    .selectFrom('usageMonths')
    .where('accountId', '=', accountId)
    .where('month', '=', sql<string>`date_trunc('month', now() at time zone 'UTC')::date` as never)
    .select(sql<number>`coalesce(sum(tokens), 0)::int8`.as('tokens'))
    .executeTakeFirstOrThrow()
  return tokens
}
