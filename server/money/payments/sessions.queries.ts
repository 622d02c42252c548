import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { SETTLE_AT_MICRO_USD, SETTLE_EVERY_SECONDS } from './sessions.rules.ts'

const sumColumns = ['depositMicroUsd', 'spentMicroUsd', 'settledMicroUsd'] as const
const sessionColumns = ['id', 'address', ...sumColumns, 'status', 'createdAt', 'lastSettledAt'] as const

const MAX_LISTED = 100
const isHourOver = sql<boolean>`last_settled_at <= now() - make_interval(secs => ${SETTLE_EVERY_SECONDS})`
const settlementLock = (sessionId: string) => sql<bigint>`hashtextextended(${`settle ${sessionId}`}, 0)`

const sessionsOf = (db: Db, accountId: AccountId) => db.selectFrom('paymentSessions').where('accountId', '=', accountId)

export type SessionRow = NonNullable<Awaited<ReturnType<typeof findSession>>>

export const findSession = (db: Db, accountId: AccountId, sessionId: string) =>
  sessionsOf(db, accountId).where('id', '=', sessionId).select(sessionColumns).executeTakeFirst()

/** Sessions of a wallet, newest first. */
export const listSessions = (db: Db, accountId: AccountId, address: string) =>
  sessionsOf(db, accountId).where('address', '=', address).select(sessionColumns).orderBy('createdAt', 'desc').limit(MAX_LISTED).execute()

/** All sessions of a wallet, or the one with that id. */
export type SessionFilter = { address: string } | { id: string }

const filteredSessions = (db: Db, accountId: AccountId, filter: SessionFilter) =>
  sessionsOf(db, accountId).where((eb) => eb.and({ ...filter }))

/** Newest first, from behind a place; `place` is when each was opened, exactly. */
export const listSessionPage = (db: Db, accountId: AccountId, filter: SessionFilter, limit: number, after?: TimePlace) =>
  filteredSessions(db, accountId, filter)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .select(sessionColumns)
    .select(exactTime('createdAt').as('place'))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export async function countSessions(db: Db, accountId: AccountId, filter: SessionFilter): Promise<number> {
  const { count } = await filteredSessions(db, accountId, filter)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export const findActiveSession = (db: Db, accountId: AccountId, address: string) =>
  sessionsOf(db, accountId).where('address', '=', address).where('status', '=', 'active').select(sessionColumns).executeTakeFirst()

/** Undefined when the wallet has an active session: waits for a call that is just opening one. */
export const insertSession = (systemDb: Db, accountId: AccountId, session: { id: string; address: string; depositMicroUsd: number }) =>
  systemDb
    .insertInto('paymentSessions')
    .values({ ...session, accountId })
    .onConflict((oc) => oc.doNothing())
    .returning(sessionColumns)
    .executeTakeFirst()

/** Facts of a session for whoever names it, whoever they are. */
export const findSessionById = (systemDb: Db, sessionId: string) =>
  systemDb
    .selectFrom('paymentSessions')
    .where('id', '=', sessionId)
    .select(['accountId', 'address', 'status', ...sumColumns])
    .executeTakeFirst()

/** Waits until nobody else settles the session. */
export const lockSettlement = (systemDb: Db, sessionId: string) =>
  sql`select pg_advisory_xact_lock(${settlementLock(sessionId)})`.execute(systemDb)

/** Whether nobody else settles the session; nobody else will until the transaction ends. */
export async function tryLockSettlement(systemDb: Db, sessionId: string): Promise<boolean> {
  const { rows } = await sql<{ isMine: boolean }>`select pg_try_advisory_xact_lock(${settlementLock(sessionId)}) as "isMine"`.execute(
    systemDb,
  )
  return rows[0]!.isMine
}

/** A session, which nobody charges until the transaction ends; what was charged before is visible to the next statement. */
export const lockSession = (systemDb: Db, sessionId: string) =>
  systemDb
    .selectFrom('paymentSessions')
    .where('id', '=', sessionId)
    .select(['accountId', 'status', ...sumColumns, isHourOver.as('isHourOver')])
    .forUpdate()
    .executeTakeFirst()

const allSettled = { settledMicroUsd: sql<number>`spent_micro_usd`, pendingVouchers: 0, lastSettledAt: sql<string>`now()` }

export const updateSettled = (systemDb: Db, sessionId: string) =>
  systemDb.updateTable('paymentSessions').set(allSettled).where('id', '=', sessionId).execute()

export const updateClosed = (systemDb: Db, sessionId: string) =>
  systemDb
    .updateTable('paymentSessions')
    .set({ ...allSettled, status: 'closed', closedAt: sql<string>`now()` })
    .where('id', '=', sessionId)
    .execute()

/** Takes a charge back, out of what was settled if it was. */
export const reduceSpent = (systemDb: Db, sessionId: string, amountMicroUsd: number, isSettled: boolean) =>
  systemDb
    .updateTable('paymentSessions')
    .set((eb) => ({
      spentMicroUsd: eb('spentMicroUsd', '-', amountMicroUsd),
      ...(isSettled ? { settledMicroUsd: eb('settledMicroUsd', '-', amountMicroUsd) } : { pendingVouchers: eb('pendingVouchers', '-', 1) }),
    }))
    .where('id', '=', sessionId)
    .execute()

/** Sessions of all accounts whose charges have reached the sum or waited for an hour. */
export const listDueSessions = (systemDb: Db) =>
  systemDb
    .selectFrom('paymentSessions')
    .where('status', '=', 'active')
    .where('pendingVouchers', '>', 0)
    .where((eb) => eb.or([eb(eb('spentMicroUsd', '-', eb.ref('settledMicroUsd')), '>=', SETTLE_AT_MICRO_USD), isHourOver]))
    .select('id')
    .execute()
