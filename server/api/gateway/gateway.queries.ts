import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { PaymentMethod } from './gateway.contract.ts'

/** A call a plugin worked for, as it is written down. */
export interface CallRow {
  id: string
  /** Null when nobody was signed in. */
  accountId: AccountId | null
  plugin: string
  method: PaymentMethod
  /** The payment session that was to pay. */
  sessionId: string | null
  priceMicroUsd: number
  /** Whether the price was taken, or was part of a plan. */
  isPaid: boolean
  receipt: string | null
  outcome: 'answered' | 'failed' | 'aborted'
  errorCode: string | null
  model: string | null
  inputTokens: number | null
  outputTokens: number | null
  /** Billionths of a US dollar the model cost. */
  costNanoUsd: number | null
  latencyMs: number
}

export const insertCall = (systemDb: Db, row: CallRow) => systemDb.insertInto('gatewayCalls').values(row).execute()

/** Whose calls: those an account made, or those a payment session was to pay, whoever made them. */
export type CallsOf = { accountId: AccountId } | { sessionId: string }

const callsOf = (db: Db, filter: CallsOf) => db.selectFrom('gatewayCalls').where((eb) => eb.and({ ...filter }))

/** Newest first, from behind a place; `place` is when each ended, exactly. */
export const listCalls = (db: Db, filter: CallsOf, limit: number, after?: TimePlace) =>
  callsOf(db, filter)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .select([
      'id',
      'plugin',
      'method',
      'sessionId',
      'priceMicroUsd',
      'isPaid',
      'receipt',
      'outcome',
      'errorCode',
      'model',
      'inputTokens',
      'outputTokens',
      'createdAt',
      exactTime('createdAt').as('place'),
    ])
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export async function countCalls(db: Db, filter: CallsOf): Promise<number> {
  const { count } = await callsOf(db, filter)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}
