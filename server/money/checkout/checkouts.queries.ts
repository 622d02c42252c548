import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

export type Purpose = 'plan' | 'storage' | 'credits'

/** A page to pay at, as it is at Stripe. Times are ISO 8601. */
export interface CheckoutFacts {
  id: string
  purpose: Purpose
  plan: string | null
  status: string
  expiresAt: string
  paymentIntentId: string | null
}

export const upsertCheckout = (systemDb: Db, accountId: AccountId, { id, purpose, plan, expiresAt, ...facts }: CheckoutFacts) =>
  systemDb
    .insertInto('checkouts')
    .values({ id, accountId, purpose, plan, expiresAt, ...facts })
    // What was complete once is not open again.
    .onConflict((oc) =>
      oc.column('id').doUpdateSet({
        ...facts,
        status: sql<string>`case when checkouts.status = 'open' then excluded.status else checkouts.status end`,
      }),
    )
    .execute()

/** How many pages of a kind were paid at or have expired: the next one is another page. */
export async function countClosed(systemDb: Db, accountId: AccountId, purpose: Purpose): Promise<number> {
  const { count } = await systemDb
    .selectFrom('checkouts')
    .where('accountId', '=', accountId)
    .where('purpose', '=', purpose)
    .where('status', '<>', 'open')
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export const findCheckout = (db: Db, id: string) =>
  db.selectFrom('checkouts').where('id', '=', id).select(['accountId', 'status']).executeTakeFirst()

const creditColumns = ['id', 'accountId', 'creditedMicroUsd', 'reversedMicroUsd', 'unrecoveredMicroUsd', 'reversals'] as const

/** A checkout that was paid with a payment; nobody else changes it until the transaction ends. */
export const lockPaidCheckout = (systemDb: Db, paymentIntentId: string) =>
  systemDb.selectFrom('checkouts').where('paymentIntentId', '=', paymentIntentId).select(creditColumns).forUpdate().executeTakeFirst()

/** Whose a payment is; undefined when it paid for no checkout that is known. */
export const findPayer = (systemDb: Db, paymentIntentId: string) =>
  systemDb.selectFrom('checkouts').where('paymentIntentId', '=', paymentIntentId).select('accountId').executeTakeFirst()

export const setCredited = (systemDb: Db, id: string, creditedMicroUsd: number) =>
  systemDb.updateTable('checkouts').set({ creditedMicroUsd, problem: null }).where('id', '=', id).execute()

export const setProblem = (systemDb: Db, id: string, problem: string) =>
  systemDb.updateTable('checkouts').set({ problem }).where('id', '=', id).execute()

export const setReversed = (systemDb: Db, id: string, reversedMicroUsd: number, unrecoveredMicroUsd: number) =>
  systemDb
    .updateTable('checkouts')
    .set({ reversedMicroUsd, unrecoveredMicroUsd, reversals: sql<number>`reversals + 1` })
    .where('id', '=', id)
    .execute()

/** Checkouts of an account whose payment was given back after its credit was spent. */
export const lockUnrecovered = (systemDb: Db, accountId: AccountId) =>
  systemDb
    .selectFrom('checkouts')
    .where('accountId', '=', accountId)
    .where('unrecoveredMicroUsd', '>', 0)
    .orderBy('id')
    .select(creditColumns)
    .forUpdate()
    .execute()

/** What an account got back of payments whose credit it had spent, in millionths of a US dollar. */
export async function sumUnrecovered(db: Db, accountId: AccountId): Promise<number> {
  const { sum } = await db
    .selectFrom('checkouts')
    .where('accountId', '=', accountId)
    .select(sql<number>`coalesce(sum(unrecovered_micro_usd), 0)::int8`.as('sum'))
    .executeTakeFirstOrThrow()
  return sum
}

/** Ids of pages that may have been paid at, or have expired, without anybody having said so. */
export const listOpen = (systemDb: Db, seconds: number, limit: number) =>
  systemDb
    .selectFrom('checkouts')
    .where('status', '=', 'open')
    .where('createdAt', '<=', sql<string>`now() - make_interval(secs => ${seconds})`)
    .orderBy('createdAt')
    .select('id')
    .limit(limit)
    .execute()
