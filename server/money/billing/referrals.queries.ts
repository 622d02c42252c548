import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

export const insertReferral = (systemDb: Db, accountId: AccountId, referrerId: AccountId) =>
  systemDb.insertInto('referrals').values({ accountId, referrerId }).execute()

/** How an account was referred; undefined when it was not. */
export const findReferral = (db: Db, accountId: AccountId) =>
  db.selectFrom('referrals').where('accountId', '=', accountId).select(['status', 'referrerId']).executeTakeFirst()

/**
 * Ends a referral that is pending, with credit while its referrer has had less than `limit`. The referrer's account has to be
 * locked, so that what is counted stays so.
 *
 * @returns undefined when it has ended before.
 */
export const endReferral = (systemDb: Db, accountId: AccountId, referrerId: AccountId, limit: number) =>
  systemDb
    .updateTable('referrals')
    .set({
      endedAt: sql<string>`now()`,
      status: sql<string>`case when (select count(*) from referrals where referrer_id = ${referrerId} and status = 'credited') < ${limit}
        then 'credited' else 'capped' end`,
    })
    .where('accountId', '=', accountId)
    .where('status', '=', 'pending')
    .returning('status')
    .executeTakeFirst()

/** How many accounts somebody has referred, by what became of it. */
export const countReferrals = (db: Db, referrerId: AccountId) =>
  db
    .selectFrom('referrals')
    .where('referrerId', '=', referrerId)
    .select([
      sql<number>`count(*) filter (where status = 'pending')`.as('pending'),
      sql<number>`count(*) filter (where status = 'credited')`.as('credited'),
    ])
    .executeTakeFirstOrThrow()
