import { sql, type ExpressionBuilder, type SelectQueryBuilder } from 'kysely'
import type { Db } from '#db/client.ts'
import type { DB } from '#db/types.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** A payment by a transaction on the chain. Times are ISO 8601. */
export type PaymentRow = NonNullable<Awaited<ReturnType<typeof findPayment>>>

const columns = [
  'id',
  'challengeId',
  'txHash',
  'payer',
  'plugin',
  'amountMicroUsd',
  'chainId',
  'state',
  'claimedBy',
  'lapsesAt',
  'spentAt',
  'refundedAt',
  'createdAt',
] as const

/** Whether a call holds the payment now. */
export const isClaimed = sql<boolean>`(claimed_by is not null and claim_expires_at > now())`
const now = sql<string>`now()`
export const inSeconds = (seconds: number) => sql<string>`now() + make_interval(secs => ${seconds})`

/** Those whose transaction is known from the beginning. */
const payments = (systemDb: Db) =>
  systemDb
    .selectFrom('chainPayments')
    .where('method', '=', 'mpp')
    .select(columns)
    .select(isClaimed.as('isClaimed'))
    .$narrowType<{ txHash: string }>()

/** The payment that answers a challenge. */
export const findPayment = (systemDb: Db, challengeId: string) =>
  payments(systemDb).where('challengeId', '=', challengeId).executeTakeFirst()

/** The payment a transaction makes, or is to make, by whatever protocol. */
export const findPaymentOf = (systemDb: Db, txHash: string) =>
  systemDb.selectFrom('chainPayments').select('id').where('txHash', '=', txHash.toLowerCase()).executeTakeFirst()

/** Nobody else decides what a transaction pays for until the database transaction ends. */
export const lockTransfer = (systemDb: Db, txHash: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`transfer ${txHash.toLowerCase()}`}, 0))`.execute(systemDb)

/** Who works for a payment, and for how long before saying so again. */
export interface Claim {
  claimedBy: string
  seconds: number
}

export interface NewPayment {
  id: string
  accountId: AccountId | null
  challengeId: string
  txHash: string
  payer: string
  plugin: string
  amountMicroUsd: number
  chainId: number
  lapsesAt: string | null
}

/** A payment nothing was sent for yet. @returns false when its challenge or its transaction was used before. */
export const insertClaimed = (systemDb: Db, row: NewPayment, claim: Claim): Promise<boolean> =>
  insertPayment(systemDb, row, claim, 'claimed')

/** A payment that is on the chain already. @returns false when its challenge or its transaction was used before. */
export const insertConfirmed = (systemDb: Db, row: NewPayment, claim: Claim): Promise<boolean> =>
  insertPayment(systemDb, row, claim, 'confirmed')

async function insertPayment(
  systemDb: Db,
  row: NewPayment,
  { claimedBy, seconds }: Claim,
  state: 'claimed' | 'confirmed',
): Promise<boolean> {
  const inserted = await systemDb
    .insertInto('chainPayments')
    .values({ ...row, state, claimedBy, claimExpiresAt: inSeconds(seconds), confirmedAt: state === 'confirmed' ? now : null })
    .onConflict((oc) => oc.doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Claims a payment that is not used up and that nobody works for. False when somebody was quicker. */
export async function takeClaim(systemDb: Db, id: string, { claimedBy, seconds }: Claim): Promise<boolean> {
  const taken = await systemDb
    .updateTable('chainPayments')
    .set({ claimedBy, claimExpiresAt: inSeconds(seconds) })
    .where('id', '=', id)
    .where('spentAt', 'is', null)
    .where('refundedAt', 'is', null)
    .where(sql<boolean>`not ${isClaimed}`)
    .returning('id')
    .executeTakeFirst()
  return taken !== undefined
}

const claimedPayment = (systemDb: Db, id: string, claimedBy: string) =>
  systemDb.updateTable('chainPayments').where('id', '=', id).where('claimedBy', '=', claimedBy)

export const renewClaim = (systemDb: Db, id: string, { claimedBy, seconds }: Claim) =>
  claimedPayment(systemDb, id, claimedBy)
    .set({ claimExpiresAt: inSeconds(seconds) })
    .execute()

/**
 * Gives a payment back: one that nothing was sent for is forgotten, any other can be claimed again.
 *
 * @returns the state of one that can be claimed again; undefined for one that was forgotten, or whose claim was lost.
 */
export async function dropClaim(systemDb: Db, id: string, claimedBy: string): Promise<string | undefined> {
  await systemDb
    .deleteFrom('chainPayments')
    .where('id', '=', id)
    .where('claimedBy', '=', claimedBy)
    .where('state', '=', 'claimed')
    .execute()
  const dropped = await claimedPayment(systemDb, id, claimedBy)
    .set({ claimedBy: null, claimExpiresAt: null })
    .returning('state')
    .executeTakeFirst()
  return dropped?.state
}

/** Writes down what is about to be sent. False when the claim was lost. */
export async function markPending(systemDb: Db, id: string, claimedBy: string, rawTransaction: string): Promise<boolean> {
  const marked = await claimedPayment(systemDb, id, claimedBy)
    .where('state', 'in', ['claimed', 'pending'])
    .set({ state: 'pending', rawTransaction, sentAt: sql<string>`coalesce(sent_at, now())` })
    .returning('id')
    .executeTakeFirst()
  return marked !== undefined
}

/** The chain has it. False when that was known already. */
export async function markConfirmed(systemDb: Db, id: string): Promise<boolean> {
  const marked = await systemDb
    .updateTable('chainPayments')
    .where('id', '=', id)
    .where('state', 'in', ['pending', 'failed'])
    .set({ state: 'confirmed', confirmedAt: now })
    .returning('id')
    .executeTakeFirst()
  return marked !== undefined
}

/** The chain does not have it, or has something else. */
export const markFailed = (systemDb: Db, id: string) =>
  systemDb.updateTable('chainPayments').where('id', '=', id).where('state', '=', 'pending').set({ state: 'failed' }).execute()

/** Uses a payment up. False when the claim was lost. */
export async function markSpent(systemDb: Db, id: string, claimedBy: string): Promise<boolean> {
  const marked = await claimedPayment(systemDb, id, claimedBy)
    .where('state', '=', 'confirmed')
    .where('spentAt', 'is', null)
    .set({ spentAt: now, claimedBy: null, claimExpiresAt: null })
    .returning('id')
    .executeTakeFirst()
  return marked !== undefined
}

/** Those of `query` that were sent for and that nobody waits for, oldest first. */
export const listUnheard = <Row>(query: SelectQueryBuilder<DB, 'chainPayments', Row>, limit: number): Promise<Row[]> =>
  query
    .where('state', '=', 'pending')
    .where(sql<boolean>`not ${isClaimed}`)
    .orderBy('createdAt')
    .limit(limit)
    .execute() as Promise<Row[]>

/** Payments that were sent and that nobody waits for, oldest first. */
export const listPending = (systemDb: Db, limit: number) => listUnheard(payments(systemDb), limit)

const unusedPayments = (eb: ExpressionBuilder<DB, 'chainPayments'>, forSeconds: number) =>
  eb.and([
    eb('state', '=', 'confirmed'),
    eb('spentAt', 'is', null),
    eb('refundedAt', 'is', null),
    eb('accountId', 'is not', null),
    eb('confirmedAt', '<=', sql<string>`now() - make_interval(secs => ${forSeconds})`),
    eb.not(isClaimed),
  ])

/** Payments of accounts that have paid for nothing for so long, oldest first. */
export const listUnused = (systemDb: Db, forSeconds: number, limit: number) =>
  systemDb
    .selectFrom('chainPayments')
    .where((eb) => unusedPayments(eb, forSeconds))
    .select('id')
    .orderBy('confirmedAt')
    .limit(limit)
    .execute()

/** Makes an unused payment one that was given back. Undefined when it has been used or claimed meanwhile. */
export const markRefunded = (systemDb: Db, id: string, forSeconds: number) =>
  systemDb
    .updateTable('chainPayments')
    .set({ refundedAt: now, claimedBy: null, claimExpiresAt: null })
    .where('id', '=', id)
    .where((eb) => unusedPayments(eb, forSeconds))
    .returning(['accountId', 'amountMicroUsd'])
    .executeTakeFirst()

/** Forgets payments that nothing was sent for and that nobody works for any more. */
export const deleteAbandoned = (systemDb: Db) =>
  systemDb
    .deleteFrom('chainPayments')
    .where('state', '=', 'claimed')
    .where(sql<boolean>`not ${isClaimed}`)
    .execute()

/** Lets go of every claim. */
export const dropAllClaims = (systemDb: Db) =>
  systemDb.updateTable('chainPayments').where('claimedBy', 'is not', null).set({ claimedBy: null, claimExpiresAt: null }).execute()
