import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'

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
      'walletSends.state',
      'walletSends.reason',
      'walletSends.createdAt',
      'wallets.network',
      'chainTransfers.state as transferState',
      'chainTransfers.problem',
      'chainTransfers.txHash',
      'chainTransfers.feeWei',
      'chainTransfers.endedAt',
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
}

const now = sql<string>`now()`

/** @param reason why it waits for an owner; null when it is ordered at once. */
export const insertSend = (db: Db, accountId: AccountId, send: NewSend, reason: string | null) =>
  db
    .insertInto('walletSends')
    .values({ ...send, accountId, reason, state: reason === null ? 'ordered' : 'waiting', orderedAt: reason === null ? now : null })
    .execute()

/** Decides one that waits. @returns what is to be sent; undefined when it does not wait. */
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
    .returning(['id', 'walletId', 'recipient', 'amountUnits'])
    .executeTakeFirst()
