import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { removeInBatches, type Platform } from '#server/platform/core/index.ts'

interface NewTokenRow {
  tokenHash: string
  purpose: string
  userId?: string
  data?: Record<string, unknown>
  seconds: number
}

export const insertToken = (systemDb: Db, { seconds, data = {}, ...row }: NewTokenRow) =>
  systemDb
    .insertInto('oneTimeTokens')
    .values({ ...row, data: JSON.stringify(data), expiresAt: sql<string>`now() + make_interval(secs => ${seconds})` })
    .execute()

const isGood = sql<boolean>`expires_at > now()`
const taken = ['userId', sql<Record<string, unknown>>`data`.as('data')] as const

export const takeToken = (systemDb: Db, purpose: string, tokenHash: string) =>
  systemDb
    .deleteFrom('oneTimeTokens')
    .where('tokenHash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .where(isGood)
    .returning(taken)
    .executeTakeFirst()

export const findToken = (systemDb: Db, purpose: string, tokenHash: string) =>
  systemDb
    .selectFrom('oneTimeTokens')
    .where('tokenHash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .where(isGood)
    .select(taken)
    .executeTakeFirst()

export const deleteTokensOf = (systemDb: Db, purpose: string, userId: string) =>
  systemDb.deleteFrom('oneTimeTokens').where('userId', '=', userId).where('purpose', '=', purpose).execute()

export const deleteAllTokensOf = (systemDb: Db, userId: string) =>
  systemDb.deleteFrom('oneTimeTokens').where('userId', '=', userId).execute()

export const listTokens = (systemDb: Db, purpose: string, userId: string) =>
  systemDb.selectFrom('oneTimeTokens').where('userId', '=', userId).where('purpose', '=', purpose).where(isGood).select(taken).execute()

export const deleteExpiredTokens = (platform: Platform) => removeInBatches(platform, 'one_time_tokens', sql`expires_at <= now()`)
