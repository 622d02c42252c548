import type { Db } from '#db/client.ts'

/** Who signs in. */
export const findPerson = (systemDb: Db, userId: string) =>
  systemDb
    .selectFrom('users')
    .where('id', '=', userId)
    .select(['id', 'name', 'email', 'personalAccountId', 'suspendedAt', 'deletedAt'])
    .executeTakeFirst()
