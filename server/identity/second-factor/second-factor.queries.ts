import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { UserId } from '#server/platform/core/index.ts'

const now = sql<string>`now()`

/** Keeps a secret that waits for its first code, in place of an earlier one. @returns undefined when one is active. */
export const storePending = (systemDb: Db, userId: UserId, secret: string) =>
  systemDb
    .insertInto('secondFactors')
    .values({ userId, secret })
    .onConflict((oc) =>
      oc.column('userId').doUpdateSet({ secret, failures: 0, lastStep: null }).where('secondFactors.activatedAt', 'is', null),
    )
    .returning('userId')
    .executeTakeFirst()

export const findPending = (systemDb: Db, userId: UserId) =>
  systemDb.selectFrom('secondFactors').where('userId', '=', userId).where('activatedAt', 'is', null).select('secret').executeTakeFirst()

/** @param secret As it was when its code was checked: another one may have taken its place. */
export const activate = (systemDb: Db, userId: UserId, secret: string, lastStep: number) =>
  systemDb
    .updateTable('secondFactors')
    .set({ activatedAt: now, lastStep, failures: 0 })
    .where('userId', '=', userId)
    .where('secret', '=', secret)
    .where('activatedAt', 'is', null)
    .returning('userId')
    .executeTakeFirst()

const activeOf = (systemDb: Db, userId: string) =>
  systemDb.selectFrom('secondFactors').where('userId', '=', userId).where('activatedAt', 'is not', null)

export const findActive = (systemDb: Db, userId: string) =>
  activeOf(systemDb, userId).select(['activatedAt', 'failures']).executeTakeFirst()

/** How many recovery codes are left. */
export async function countRecoveryCodes(systemDb: Db, userId: UserId): Promise<number> {
  const { count } = await systemDb
    .selectFrom('recoveryCodes')
    .where('userId', '=', userId)
    .where('usedAt', 'is', null)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Counts a guess before it is looked at, so that guesses at the same moment cannot be more than the limit.
 *
 * @returns what it is compared with; undefined when the limit is reached or nothing is active.
 */
export const countGuess = (systemDb: Db, userId: string, limit: number) =>
  systemDb
    .updateTable('secondFactors')
    .set({ failures: sql<number>`failures + 1` })
    .where('userId', '=', userId)
    .where('activatedAt', 'is not', null)
    .where('failures', '<', limit)
    .returning(['secret', 'lastStep', 'failures'])
    .executeTakeFirst()

/** Uses up the code of a step and those before it. Of any number of callers one gets it. */
export const claimStep = (systemDb: Db, userId: string, step: number) =>
  systemDb
    .updateTable('secondFactors')
    .set({ lastStep: step, failures: 0 })
    .where('userId', '=', userId)
    .where((eb) => eb.or([eb('lastStep', 'is', null), eb('lastStep', '<', step)]))
    .returning('userId')
    .executeTakeFirst()

export const claimRecoveryCode = (systemDb: Db, userId: string, codeHash: string) =>
  systemDb
    .updateTable('recoveryCodes')
    .set({ usedAt: now })
    .where('userId', '=', userId)
    .where('codeHash', '=', codeHash)
    .where('usedAt', 'is', null)
    .returning('userId')
    .executeTakeFirst()

/** Whoever has proved themselves in another way is taken at their word again. */
export const forgetFailures = (systemDb: Db, userId: string) =>
  systemDb.updateTable('secondFactors').set({ failures: 0 }).where('userId', '=', userId).where('failures', '>', 0).execute()

export async function replaceRecoveryCodes(systemDb: Db, userId: UserId, codeHashes: string[]): Promise<void> {
  await systemDb.deleteFrom('recoveryCodes').where('userId', '=', userId).execute()
  await systemDb
    .insertInto('recoveryCodes')
    .values(codeHashes.map((codeHash) => ({ userId, codeHash })))
    .execute()
}

/** With its secret goes what was used of it. */
export async function remove(systemDb: Db, userId: string): Promise<void> {
  await systemDb.deleteFrom('recoveryCodes').where('userId', '=', userId).execute()
  await systemDb.deleteFrom('secondFactors').where('userId', '=', userId).execute()
}
