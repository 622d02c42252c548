import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const columns = ['type', 'attestationUid', 'wallet', 'metadata', 'verifiedAt', 'expiresAt', 'lapsedReason'] as const

const verificationOf = (db: Db, accountId: AccountId, agentId: string) =>
  db.selectFrom('agentVerifications').where('accountId', '=', accountId).where('agentId', '=', agentId)

export const findVerification = (db: Db, accountId: AccountId, agentId: string) =>
  verificationOf(db, accountId, agentId)
    .select(columns)
    .select(sql<boolean>`coalesce(expires_at <= now(), false)`.as('isExpired'))
    .select(sql<boolean>`checked_at < now() - interval '24 hours'`.as('isDue'))
    .executeTakeFirst()

interface NewVerification {
  type: string
  attestationUid: string
  wallet: string | null
  passkeyId: string | null
  metadata: Record<string, unknown>
  expiresAt: string | null
}

/** Takes the place of an earlier verification of the agent. */
export function replaceVerification(db: Db, accountId: AccountId, agentId: string, verification: NewVerification) {
  const now = sql<string>`now()`
  const values = { ...verification, metadata: JSON.stringify(verification.metadata), lapsedReason: null }
  const times = { verifiedAt: now, checkedAt: now, triedAt: now }
  return db
    .insertInto('agentVerifications')
    .values({ ...values, ...times, accountId, agentId })
    .onConflict((oc) => oc.column('agentId').doUpdateSet({ ...values, ...times }))
    .returning(['verifiedAt'])
    .executeTakeFirstOrThrow()
}

export const deleteVerification = (db: Db, accountId: AccountId, agentId: string) =>
  db.deleteFrom('agentVerifications').where('accountId', '=', accountId).where('agentId', '=', agentId).execute()

/**
 * Takes on the check of a verification that was not checked against its chain for a day, nor tried for an hour.
 * @returns it; undefined when it needs no check, or somebody else makes it.
 */
export const claimCheck = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .updateTable('agentVerifications')
    .set({ triedAt: sql<string>`now()` })
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('type', '!=', 'webauthn')
    .where('lapsedReason', 'is', null)
    .where('checkedAt', '<', sql<string>`now() - interval '24 hours'`)
    .where('triedAt', '<', sql<string>`now() - interval '1 hour'`)
    .returning(['type', 'attestationUid', 'wallet'])
    .executeTakeFirst()

/** Writes down what a check found, unless the agent was verified by something else meanwhile. */
export const recordCheck = (
  db: Db,
  accountId: AccountId,
  agentId: string,
  checked: { type: string; attestationUid: string; wallet: string | null },
  found: { expiresAt?: string | null; lapsedReason: string | null },
) =>
  db
    .updateTable('agentVerifications')
    .set({ ...found, checkedAt: sql<string>`now()` })
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('type', '=', checked.type)
    .where('attestationUid', '=', checked.attestationUid)
    .where('wallet', '=', checked.wallet)
    .execute()

/** An agent has one open challenge of each type; a new one takes the place of the last. */
export function replaceChallenge(db: Db, accountId: AccountId, agentId: string, type: string, challenge: string, seconds: number) {
  const expiresAt = sql<string>`now() + make_interval(secs => ${seconds})`
  return db
    .insertInto('verificationChallenges')
    .values({ accountId, agentId, type, challenge, expiresAt })
    .onConflict((oc) => oc.columns(['agentId', 'type']).doUpdateSet({ challenge, expiresAt }))
    .returning(['challenge', 'expiresAt'])
    .executeTakeFirstOrThrow()
}

export const findChallenge = (db: Db, accountId: AccountId, agentId: string, type: string) =>
  db
    .selectFrom('verificationChallenges')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('type', '=', type)
    .where('expiresAt', '>', sql<string>`now()`)
    .select(['challenge', 'expiresAt'])
    .executeTakeFirst()

/** Uses a challenge up. @returns it when it was still good. */
export const takeChallenge = (db: Db, accountId: AccountId, agentId: string, challenge: string) =>
  db
    .deleteFrom('verificationChallenges')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('challenge', '=', challenge)
    .where('expiresAt', '>', sql<string>`now()`)
    .returning('challenge')
    .executeTakeFirst()
