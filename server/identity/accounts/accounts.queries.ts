import type { Db } from '#db/client.ts'
import type { AccountId, UserId } from '#server/platform/core/index.ts'

/** The workspace, and the person who looks at it. */
export const findProfile = (db: Db, accountId: AccountId, userId: UserId) =>
  db
    .selectFrom('accounts')
    .innerJoin('users', (join) => join.on('users.id', '=', userId))
    .where('accounts.id', '=', accountId)
    .select(['accounts.id', 'users.email', 'users.name', 'accounts.plan', 'users.notifications', 'accounts.referralCode'])
    .executeTakeFirst()
