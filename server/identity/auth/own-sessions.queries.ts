import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import { sha256, type UserId } from '#server/platform/core/index.ts'

/** What their owner sees of sessions: nothing of it signs in. */
const shownColumns = ['publicId', 'method', 'secondFactor', 'ip', 'userAgent', 'createdAt', 'lastSeenAt', 'expiresAt'] as const

const sessionsOf = (systemDb: Db, userId: UserId) =>
  systemDb
    .selectFrom('sessions')
    .where('userId', '=', userId)
    .where('expiresAt', '>', sql<string>`now()`)

const shownSessions = (systemDb: Db, userId: UserId) =>
  sessionsOf(systemDb, userId).select(shownColumns).orderBy('createdAt', 'desc').orderBy('publicId', 'desc')

/** Newest first. */
export const listSessions = (systemDb: Db, userId: UserId) => shownSessions(systemDb, userId).execute()

/** From behind a place; `place` is when each began, exactly. */
export const listSessionPage = (systemDb: Db, userId: UserId, limit: number, after?: TimePlace) =>
  shownSessions(systemDb, userId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!, 'publicId')))
    .select(exactTime('createdAt').as('place'))
    .limit(limit)
    .execute()

export async function countSessions(systemDb: Db, userId: UserId): Promise<number> {
  const { count } = await sessionsOf(systemDb, userId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export const deleteSessionOf = (systemDb: Db, userId: UserId, publicId: string) =>
  systemDb.deleteFrom('sessions').where('userId', '=', userId).where('publicId', '=', publicId).returning('publicId').executeTakeFirst()

/** Writes down that the person has just proved who they are. @returns when. */
export const noteAuthentication = (systemDb: Db, token: string) =>
  systemDb
    .updateTable('sessions')
    .set({ authenticatedAt: sql<string>`now()` })
    .where('id', '=', sha256(token))
    .returning('authenticatedAt')
    .executeTakeFirst()

/** Writes down that a second factor was proved in the session. */
export const noteSecondFactor = (systemDb: Db, token: string) =>
  systemDb.updateTable('sessions').set({ secondFactor: true }).where('id', '=', sha256(token)).execute()
