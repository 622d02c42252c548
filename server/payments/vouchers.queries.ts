import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { prepare } from '#db/prepared.ts'
import type { AccountId } from '../core/context.ts'
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
  /** Null for one the platform makes for a call; it is captured when the call has succeeded. */
  signature: string | null
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
    isCaptured: boolean,
  ) => ({
    compile: () =>
      sql<Charged>`
        with charged as (
          update payment_sessions set spent_micro_usd = spent_micro_usd + ${amountMicroUsd}, pending_vouchers = pending_vouchers + 1
          where id = ${sessionId} and address = ${address} and status = 'active' and deposit_micro_usd - spent_micro_usd >= ${amountMicroUsd}
          returning id, account_id, deposit_micro_usd, spent_micro_usd, settled_micro_usd, pending_vouchers
        ), recorded as (
          insert into payment_vouchers (id, account_id, session_id, nonce, amount_micro_usd, plugin, signature, captured_at)
          select ${id}, account_id, id, ${nonce}, ${amountMicroUsd}, ${plugin}, ${signature}, case when ${isCaptured} then now() end from charged
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
  const { id, sessionId, address, nonce, amountMicroUsd, plugin, signature } = voucher
  return (await charge(systemDb, id, sessionId, address, nonce, amountMicroUsd, plugin, signature, signature !== null)).at(0)
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

/** Removes a charge whose call has not succeeded; undefined when there is none to remove. */
export const deleteUncapturedVoucher = (systemDb: Db, voucherId: string) =>
  systemDb
    .deleteFrom('paymentVouchers')
    .where('id', '=', voucherId)
    .where('capturedAt', 'is', null)
    .returning(['amountMicroUsd', 'settledAt'])
    .executeTakeFirst()

/** Charges of all accounts whose calls have not ended: those whose time is over, or all of them. */
export const listUncapturedVouchers = (systemDb: Db, { onlyExpired }: { onlyExpired: boolean }) =>
  systemDb
    .selectFrom('paymentVouchers')
    .where('capturedAt', 'is', null)
    .$if(onlyExpired, (query) => query.where('createdAt', '<=', sql<string>`now() - make_interval(secs => ${UNCAPTURED_SECONDS})`))
    .select(['id', 'sessionId'])
    .execute()

/** Charges of sessions that are not settled, oldest first, as many as one answer has. */
export async function listPendingVouchers(db: Db, accountId: AccountId, sessionIds: string[]) {
  if (sessionIds.length === 0) return []
  return db
    .selectFrom('paymentVouchers')
    .where('accountId', '=', accountId)
    .where('sessionId', 'in', sessionIds)
    .where('settledAt', 'is', null)
    .select(['sessionId', 'plugin', 'amountMicroUsd', 'createdAt'])
    .orderBy('createdAt')
    .orderBy('id')
    .limit(MAX_LISTED_VOUCHERS)
    .execute()
}

export const markVouchersSettled = (systemDb: Db, sessionId: string) =>
  systemDb
    .updateTable('paymentVouchers')
    .set({ settledAt: sql<string>`now()` })
    .where('sessionId', '=', sessionId)
    .where('settledAt', 'is', null)
    .execute()
