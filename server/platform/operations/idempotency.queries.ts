import { sql, type SqlBool } from 'kysely'
import type { Db } from '#db/client.ts'
import { olderThanDays, removeInBatches, type AccountId, type Platform } from '../core/index.ts'
import { isAbandoned, type Worker } from '../host/index.ts'

export interface Claim {
  accountId: AccountId
  /** Who makes the call: what others of the workspace call their calls means nothing to it. */
  caller: string
  key: string
  operation: string
  inputHash: string
  /** Tells this attempt of the call from those before. */
  attemptId: string
}

const isExpired = sql<SqlBool>`idempotency_keys.created_at < now() - interval '24 hours'`

/**
 * Takes the key for one call. Undefined when another call has it: finished less than 24 hours ago, running, or
 * another one that did not get to the end but stored something. Inside a transaction it waits for the other one to end.
 *
 * @returns what earlier attempts of the same call stored.
 */
export async function insertClaim(db: Db, claim: Claim, worker: Worker): Promise<{ things: string[] } | undefined> {
  const { accountId, caller, key, operation, inputHash, attemptId } = claim
  const row = { operation, inputHash, attemptId, serverId: worker.serverId, sealedOutput: null, createdAt: sql<string>`now()` }
  // What this server has begun since it was asked what it works on is not known to the statement.
  const isSettled = sql<SqlBool>`(idempotency_keys.server_id <> ${worker.serverId} or idempotency_keys.created_at < now() - interval '1 minute')`
  const isFree = sql<SqlBool>`(idempotency_keys.server_id is null
    or (${isSettled} and ${isAbandoned({ server: 'idempotency_keys.server_id', work: 'idempotency_keys.attempt_id' }, worker)}))`
  return db
    .insertInto('idempotencyKeys')
    .values({ accountId, caller, key, ...row })
    .onConflict((oc) =>
      oc
        .columns(['accountId', 'caller', 'key'])
        .doUpdateSet({ ...row, things: sql<string[]>`case when ${isExpired} then '{}' else idempotency_keys.things end` })
        .where((eb) =>
          eb.or([
            isExpired,
            eb.and([
              eb('idempotencyKeys.sealedOutput', 'is', null),
              isFree,
              eb.or([
                sql<SqlBool>`idempotency_keys.things = '{}'`,
                eb.and([eb('idempotencyKeys.operation', '=', operation), eb('idempotencyKeys.inputHash', '=', inputHash)]),
              ]),
            ]),
          ]),
        ),
    )
    .returning('things')
    .executeTakeFirst()
}

export const findClaim = (db: Db, { accountId, caller, key }: Pick<Claim, 'accountId' | 'caller' | 'key'>) =>
  db
    .selectFrom('idempotencyKeys')
    .where('accountId', '=', accountId)
    .where('caller', '=', caller)
    .where('key', '=', key)
    .select(['operation', 'inputHash', 'sealedOutput', 'things'])
    .executeTakeFirst()

/** The claim as long as it is of this attempt: others may have taken its server for dead. */
const heldClaim = ({ accountId, caller, key, attemptId }: Claim) => {
  const isHeld = sql<SqlBool>`account_id = ${accountId} and caller = ${caller} and key = ${key} and attempt_id = ${attemptId} and sealed_output is null`
  return {
    update: (db: Db) => db.updateTable('idempotencyKeys').where(isHeld),
    delete: (db: Db) => db.deleteFrom('idempotencyKeys').where(isHeld),
  }
}

/** Writes down what the call has stored. @returns whether it still has the key. */
export async function noteThings(db: Db, claim: Claim, things: string[]): Promise<boolean> {
  const { numUpdatedRows } = await heldClaim(claim).update(db).set({ things }).executeTakeFirstOrThrow()
  return numUpdatedRows > 0
}

export const completeClaim = (db: Db, claim: Claim, sealedOutput: string, things: string[] | undefined) =>
  heldClaim(claim)
    .update(db)
    .set({ sealedOutput, ...(things ? { things } : {}) })
    .execute()

/** A call did not get to the end. What it stored stays known; with nothing stored it never was. */
export async function releaseClaim(db: Db, claim: Claim): Promise<void> {
  await heldClaim(claim)
    .delete(db)
    .where('things', '=', sql<string[]>`'{}'`)
    .execute()
  await heldClaim(claim).update(db).set({ serverId: null, attemptId: null }).execute()
}

/** Forgets the calls that made a thing, or something that belongs to it. */
export const deleteClaimsOf = (db: Db, accountId: AccountId, thing: string) =>
  db
    .deleteFrom('idempotencyKeys')
    .where('accountId', '=', accountId)
    .where(sql<SqlBool>`${thing} = any(things)`)
    .execute()

/** Forgets what is older than 24 hours, of all accounts. */
export const deleteExpiredClaims = (platform: Platform) => removeInBatches(platform, 'idempotency_keys', olderThanDays('created_at', 1))

/** Lets go of calls that were never finished, of all accounts. */
export const releaseUnfinishedClaims = (systemDb: Db) =>
  systemDb.updateTable('idempotencyKeys').where('sealedOutput', 'is', null).set({ serverId: null, attemptId: null }).execute()
