import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { olderThanDays, removeInBatches, type AccountId, type Platform } from '../core/index.ts'

export interface Claim {
  accountId: AccountId
  key: string
  operation: string
  inputHash: string
  lockSeconds: number
}

/**
 * Takes the key for one call. False when another call has it: finished less than 24 hours ago, or
 * running and not yet given up. Inside a transaction it waits for the other one to end.
 */
export async function insertClaim(db: Db, claim: Claim): Promise<boolean> {
  const row = {
    operation: claim.operation,
    inputHash: claim.inputHash,
    sealedOutput: null,
    lockedUntil: sql<string>`now() + make_interval(secs => ${claim.lockSeconds})`,
    createdAt: sql<string>`now()`,
  }
  const claimed = await db
    .insertInto('idempotencyKeys')
    .values({ accountId: claim.accountId, key: claim.key, ...row })
    .onConflict((oc) =>
      oc
        .columns(['accountId', 'key'])
        .doUpdateSet(row)
        .where((eb) =>
          eb.or([
            eb('idempotencyKeys.createdAt', '<', sql<string>`now() - interval '24 hours'`),
            eb.and([eb('idempotencyKeys.sealedOutput', 'is', null), eb('idempotencyKeys.lockedUntil', '<', sql<string>`now()`)]),
          ]),
        ),
    )
    .returning('key')
    .executeTakeFirst()
  return claimed !== undefined
}

export const findClaim = (db: Db, accountId: AccountId, key: string) =>
  db
    .selectFrom('idempotencyKeys')
    .where('accountId', '=', accountId)
    .where('key', '=', key)
    .select(['operation', 'inputHash', 'sealedOutput'])
    .executeTakeFirst()

export const completeClaim = (db: Db, accountId: AccountId, key: string, sealedOutput: string) =>
  db.updateTable('idempotencyKeys').where('accountId', '=', accountId).where('key', '=', key).set({ sealedOutput }).execute()

export const deleteClaim = (db: Db, accountId: AccountId, key: string) =>
  db.deleteFrom('idempotencyKeys').where('accountId', '=', accountId).where('key', '=', key).where('sealedOutput', 'is', null).execute()

/** Forgets what is older than 24 hours, of all accounts. */
export const deleteExpiredClaims = (platform: Platform) => removeInBatches(platform, 'idempotency_keys', olderThanDays('created_at', 1))

/** Forgets calls that were never finished, of all accounts. */
export const deleteUnfinishedClaims = (systemDb: Db) => systemDb.deleteFrom('idempotencyKeys').where('sealedOutput', 'is', null).execute()
