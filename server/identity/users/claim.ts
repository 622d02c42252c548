import type { Db } from '#db/client.ts'
import type { Platform } from '#server/platform/core/index.ts'
export async function claimUnverifiedAddress(platform: Platform, db: Db, userId: string): Promise<void> {
  void platform
  await db.deleteFrom('passwords').where('userId', '=', userId).execute()
  await db.deleteFrom('sessions').where('userId', '=', userId).execute()
  await db.deleteFrom('apiKeys').where('createdBy', '=', userId).execute()
  await db.updateTable('users').set({ emailVerifiedAt: new Date().toISOString() }).where('id', '=', userId).execute()
}
