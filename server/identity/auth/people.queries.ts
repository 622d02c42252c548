import type { Db } from '#db/client.ts'

export async function isSuspended(systemDb: Db, userId: string): Promise<boolean> {
  const user = await systemDb.selectFrom('users').where('id', '=', userId).select('suspendedAt').executeTakeFirst()
  return user === undefined || user.suspendedAt !== null
}
