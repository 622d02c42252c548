import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { endOfApproval, isApprovable, UNDECIDED } from './approvals.queries.ts'

/** Whether it waits, and too long: it is over then, whether or not that was written down. */
const isOverdue = sql<boolean>`wallet_sends.state = 'waiting' and not ${isApprovable('wallet_sends.created_at')}`

/** Payments, with what became of them on the chain. */
const sends = (db: Db, accountId: AccountId) =>
  db
    .selectFrom('walletSends')
    .innerJoin('wallets', 'wallets.id', 'walletSends.walletId')
    .leftJoin('chainTransfers', (join) => join.on('chainTransfers.ref', '=', sql<string>`'wallet:' || wallet_sends.id`))
    .where('walletSends.accountId', '=', accountId)
    .select([
      'walletSends.id',
      'walletSends.agentId',
      'walletSends.recipient',
      'walletSends.amountUnits',
      'walletSends.createdAt',
      'wallets.network',
      'chainTransfers.state as transferState',
      'chainTransfers.problem',
      'chainTransfers.txHash',
      'chainTransfers.feeWei',
      'chainTransfers.endedAt',
    ])
    .select([
      sql<string>`case when ${isOverdue} then 'expired' else wallet_sends.state end`.as('state'),
      sql<string | null>`case when ${isOverdue} then ${sql.lit(UNDECIDED)} else wallet_sends.reason end`.as('reason'),
      endOfApproval('wallet_sends.created_at').as('approvableUntil'),
    ])

export type SendRow = NonNullable<Awaited<ReturnType<typeof findSend>>>

export const findSend = (db: Db, accountId: AccountId, id: string) =>
  sends(db, accountId).where('walletSends.id', '=', id).executeTakeFirst()

/** Newest first, from behind a place. */
export const listSends = (db: Db, accountId: AccountId, limit: number, after?: TimePlace) =>
  sends(db, accountId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('walletSends.createdAt', after!, 'walletSends.id')))
    .select(exactTime('walletSends.createdAt').as('place'))
    .orderBy('walletSends.createdAt', 'desc')
    .orderBy('walletSends.id', 'desc')
    .limit(limit)
    .execute()

export async function countSends(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await db
    .selectFrom('walletSends')
    .where('accountId', '=', accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

interface NewSend {
  id: string
  walletId: string
  agentId: string | null
  requestedBy: string
  recipient: string
  amountUnits: number
  /** The owner who approved it before it was written down, as a part of something. */
  decidedBy?: string
}

const now = sql<string>`now()`

/** @param reason why it waits for an owner; null when it is ordered at once. */
export const insertSend = (db: Db, accountId: AccountId, send: NewSend, reason: string | null) =>
  db
    .insertInto('walletSends')
    .values({ ...send, accountId, reason, state: reason === null ? 'ordered' : 'waiting', orderedAt: reason === null ? now : null })
    .execute()

/** Decides one that waits, and not too long. @returns what is to be sent; undefined when it does not wait. */
export const decideSend = (
  db: Db,
  accountId: AccountId,
  id: string,
  { state, decidedBy }: { state: 'ordered' | 'declined'; decidedBy: string },
) =>
  db
    .updateTable('walletSends')
    .set({
      state,
      decidedBy,
      orderedAt: state === 'ordered' ? now : null,
      ...(state === 'ordered' ? {} : { reason: 'An owner declined it.' }),
    })
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .where(isApprovable('created_at'))
    .returning(['id', 'walletId', 'recipient', 'amountUnits'])
    .executeTakeFirst()
