import type { Db } from '#db/client.ts'

/** Whether the person is suspended or deleted; undefined when there is no such person. */
export const findStanding = (systemDb: Db, userId: string) =>
  systemDb.selectFrom('users').where('id', '=', userId).select(['suspendedAt', 'deletedAt']).executeTakeFirst()
