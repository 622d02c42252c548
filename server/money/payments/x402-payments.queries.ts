import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { inSeconds, isClaimed, listUnheard, type Claim, type NewPayment } from './chain-payments.queries.ts'

/** A payment by an authorization, which a facilitator sends to the chain. */
export type AuthorizedRow = NonNullable<Awaited<ReturnType<typeof findAuthorized>>>

const now = sql<string>`now()`

const authorized = (systemDb: Db) =>
  systemDb
    .selectFrom('chainPayments')
    .where('method', '=', 'x402')
    .select([
      'id',
      'challengeId',
      'credentialHash',
      'signedPayload',
      'txHash',
      'payer',
      'plugin',
      'amountMicroUsd',
      'chainId',
      'state',
      'lapsesAt',
      'spentAt',
      'refundedAt',
      'createdAt',
    ])
    .select(isClaimed.as('isClaimed'))
    .$narrowType<{ signedPayload: string; credentialHash: string }>()

/** The payment an authorization makes. */
export const findAuthorized = (systemDb: Db, challengeId: string) =>
  authorized(systemDb).where('challengeId', '=', challengeId).executeTakeFirst()

/** Payments a facilitator was asked to settle and that nobody waits for, oldest first. */
export const listUnsettled = (systemDb: Db, limit: number) => listUnheard(authorized(systemDb), limit)

export type NewAuthorized = Omit<NewPayment, 'txHash'> & { credentialHash: string; signedPayload: string }

/** A payment nobody was asked to settle yet. @returns false when its authorization was used before. */
export async function insertAuthorized(systemDb: Db, row: NewAuthorized, { claimedBy, seconds }: Claim): Promise<boolean> {
  const inserted = await systemDb
    .insertInto('chainPayments')
    .values({
      ...row,
      method: 'x402',
      state: 'claimed',
      claimedBy,
      claimExpiresAt: inSeconds(seconds),
    })
    .onConflict((oc) => oc.doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Writes down that a facilitator is about to be asked. False when the claim was lost. */
export async function markAsked(systemDb: Db, id: string, claimedBy: string): Promise<boolean> {
  const marked = await systemDb
    .updateTable('chainPayments')
    .where('id', '=', id)
    .where('claimedBy', '=', claimedBy)
    .where('state', 'in', ['claimed', 'pending'])
    .set({ state: 'pending', sentAt: sql<string>`coalesce(sent_at, now())` })
    .returning('id')
    .executeTakeFirst()
  return marked !== undefined
}

/** The transaction that paid is known. False when it was known already. */
export async function markSettled(systemDb: Db, id: string, txHash: string): Promise<boolean> {
  const marked = await systemDb
    .updateTable('chainPayments')
    .where('id', '=', id)
    .where('state', 'in', ['pending', 'failed'])
    .set({ state: 'confirmed', txHash, confirmedAt: now })
    .returning('id')
    .executeTakeFirst()
  return marked !== undefined
}
