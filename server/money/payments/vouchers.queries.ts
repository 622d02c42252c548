import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isNewerThan, type TimePlace } from '#db/keyset.ts'
import { prepare } from '#db/prepared.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { isHolderDead } from '#server/platform/host/index.ts'
import { MAX_LISTED_VOUCHERS } from './sessions.contract.ts'
import { UNCAPTURED_SECONDS, type SessionSums } from './sessions.rules.ts'

/** A charge of a session. */
export interface NewVoucher {
  id: string
  sessionId: string
  /** Lower case; has to be that of the session. */
  address: string
  nonce: string
  amountMicroUsd: number
  plugin: string
  /** Null for one the platform makes for a call of the owner's. */
  signature: string | null
  /** The server on which the call runs that it pays for; it is captured when that has succeeded. Null for one that is captured at once. */
  serverId: string | null
}

/** A session right after it was charged. */
export interface Charged extends SessionSums {
  pendingVouchers: number
}

const charge = prepare(
  (
    systemDb,
    id: string,
    sessionId: string,
    address: string,
    nonce: string,
    amountMicroUsd: number,
    plugin: string,
    signature: string | null,
    serverId: string | null,
    isCaptured: boolean,
  ) => ({
    compile: () =>
      sql<Charged>`
        with charged as (
          update payment_sessions set spent_micro_usd = spent_micro_usd + ${amountMicroUsd}, pending_vouchers = pending_vouchers + 1
          where id = ${sessionId} and address = ${address} and status = 'active' and deposit_micro_usd - spent_micro_usd >= ${amountMicroUsd}
          returning id, account_id, deposit_micro_usd, spent_micro_usd, settled_micro_usd, pending_vouchers
        ), recorded as (
          insert into payment_vouchers (id, account_id, session_id, nonce, amount_micro_usd, plugin, signature, server_id, captured_at)
          select ${id}, account_id, id, ${nonce}, ${amountMicroUsd}, ${plugin}, ${signature}, ${serverId}, case when ${isCaptured} then now() end from charged
        )
        select deposit_micro_usd, spent_micro_usd, settled_micro_usd, pending_vouchers from charged`.compile(systemDb),
  }),
)

/**
 * Charges a session and records the voucher in one statement, so that however many arrive at once, no more
 * is spent than is there. A nonce that was used before is a unique violation.
 *
 * @returns undefined when no active session of that wallet has so much left.
 */
export async function chargeSession(systemDb: Db, voucher: NewVoucher): Promise<Charged | undefined> {
  const { id, sessionId, address, nonce, amountMicroUsd, plugin, signature, serverId } = voucher
  const isCaptured = serverId === null
  return (await charge(systemDb, id, sessionId, address, nonce, amountMicroUsd, plugin, signature, serverId, isCaptured)).at(0)
}

/**
 * The call a charge was made for has succeeded. Repeating it is harmless.
 *
 * @returns the sums of its session; undefined when the charge was taken back meanwhile.
 */
export const captureVoucher = (systemDb: Db, voucherId: string): Promise<SessionSums | undefined> =>
  systemDb
    .updateTable('paymentVouchers')
    .from('paymentSessions')
    .set({ capturedAt: sql<string>`coalesce(captured_at, now())` })
    .where('paymentVouchers.id', '=', voucherId)
    .whereRef('paymentSessions.id', '=', 'paymentVouchers.sessionId')
    .returning(['depositMicroUsd', 'spentMicroUsd', 'settledMicroUsd'])
    .executeTakeFirst()

/** Which charges whose calls have not ended: all of them, or those that a dead server has left behind, as this one sees it. */
export type Uncaptured = 'all' | { judge: string }

const isAmong = (which: Uncaptured) =>
  which === 'all'
    ? sql<boolean>`captured_at is null`
    : sql<boolean>`(captured_at is null and (created_at <= now() - make_interval(secs => ${UNCAPTURED_SECONDS}) or ${isHolderDead('payment_vouchers.server_id', which.judge)}))`

/** Removes a charge whose call has not succeeded; undefined when there is none to remove. */
export const deleteUncapturedVoucher = (systemDb: Db, voucherId: string, which: Uncaptured) =>
  systemDb
    .deleteFrom('paymentVouchers')
    .where('id', '=', voucherId)
    .where(isAmong(which))
    .returning(['amountMicroUsd', 'settledAt'])
    .executeTakeFirst()

export const listUncapturedVouchers = (systemDb: Db, which: Uncaptured) =>
  systemDb.selectFrom('paymentVouchers').where(isAmong(which)).select(['id', 'sessionId']).execute()

const pendingVouchersOf = (db: Db, accountId: AccountId) =>
  db.selectFrom('paymentVouchers').where('accountId', '=', accountId).where('settledAt', 'is', null)

/** Charges of sessions that are not settled, oldest first, as many as one answer has. */
export async function listPendingVouchers(db: Db, accountId: AccountId, sessionIds: string[]) {
  if (sessionIds.length === 0) return []
  return pendingVouchersOf(db, accountId)
    .where('sessionId', 'in', sessionIds)
    .select(['sessionId', 'plugin', 'amountMicroUsd', 'createdAt'])
    .orderBy('createdAt')
    .orderBy('id')
    .limit(MAX_LISTED_VOUCHERS)
    .execute()
}

/** The oldest charges that are not settled of each of several sessions, oldest first, from behind a place; `place` is when each was made, exactly. */
export const listVouchersOfSessions = (
  db: Db,
  accountId: AccountId,
  sessionIds: string[],
  perSession: number,
  after: TimePlace | undefined,
) =>
  db
    .selectFrom(sql<{ sessionId: string }>`unnest(${sessionIds}::text[])`.as<'wanted'>(sql`wanted(session_id)`))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('paymentVouchers')
          .where('paymentVouchers.accountId', '=', accountId)
          .whereRef('paymentVouchers.sessionId', '=', 'wanted.sessionId' as never)
          .where('settledAt', 'is', null)
          .select(['id', 'plugin', 'amountMicroUsd', 'createdAt', exactTime('createdAt').as('place')])
          .$if(after !== undefined, (query) => query.where(isNewerThan('createdAt', after!)))
          .orderBy('createdAt')
          .orderBy('id')
          .limit(perSession)
          .as('oldest'),
      (join) => join.onTrue(),
    )
    .selectAll('oldest')
    .select('wanted.sessionId')
    .execute()

/** How many charges of each of several sessions are not settled; sessions without any are left out. */
export const countVouchersOfSessions = (db: Db, accountId: AccountId, sessionIds: string[]) =>
  pendingVouchersOf(db, accountId)
    .where('sessionId', 'in', sessionIds)
    .select(['sessionId', sql<number>`count(*)`.as('count')])
    .groupBy('sessionId')
    .execute()

export const markVouchersSettled = (systemDb: Db, sessionId: string) =>
  systemDb
    .updateTable('paymentVouchers')
    .set({ settledAt: sql<string>`now()` })
    .where('sessionId', '=', sessionId)
    .where('settledAt', 'is', null)
    .execute()
