import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { removeInBatches, type Platform } from '#server/platform/core/index.ts'

/** @returns false when it was used before. */
export const insertSolvedPuzzle = async (systemDb: Db, salt: string, expiresAt: string): Promise<boolean> =>
  (await systemDb
    .insertInto('solvedPuzzles')
    .values({ salt, expiresAt })
    .onConflict((oc) => oc.column('salt').doNothing())
    .returning('salt')
    .executeTakeFirst()) !== undefined

export const deleteExpiredPuzzles = (platform: Platform) => removeInBatches(platform, 'solved_puzzles', sql`expires_at <= now()`)
