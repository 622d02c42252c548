import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

const columns = [
  'id',
  'accountId',
  'keyId',
  'chainId',
  'ref',
  'recipient',
  'asset',
  'amount',
  'waitsForFunds',
  'state',
  'problem',
  'nonce',
  'txHash',
  'blockNumber',
  'feeWei',
  'createdAt',
  'endedAt',
] as const

/** A payment to be made. Amounts are whole numbers of the smallest unit, as text. */
export type TransferRow = NonNullable<Awaited<ReturnType<typeof findByRef>>>

const OPEN = ['queued', 'signed', 'broadcast']
const now = sql<string>`now()`

interface NewTransfer {
  id: string
  accountId: string
  keyId: string
  chainId: number
  ref: string
  recipient: string
  asset: string | null
  amount: string
  waitsForFunds: boolean
}

/** @returns undefined when there is one with its `ref`: waits for who is just storing that. */
export const insertTransfer = (systemDb: Db, row: NewTransfer) =>
  systemDb
    .insertInto('chainTransfers')
    .values(row)
    .onConflict((conflict) => conflict.column('ref').doNothing())
    .returning(columns)
    .executeTakeFirst()

export const findByRef = (db: Db, ref: string) => db.selectFrom('chainTransfers').where('ref', '=', ref).select(columns).executeTakeFirst()

/** Whether anything is to be sent, or seen through, on any chain. */
export const hasOpen = async (systemDb: Db): Promise<boolean> =>
  (await systemDb.selectFrom('chainTransfers').where('state', 'in', OPEN).select('id').limit(1).executeTakeFirst()) !== undefined

/** Keys that have something to send on a chain, or to see through. */
export const listBusyKeys = (systemDb: Db, chainId: number) =>
  systemDb
    .selectFrom('chainTransfers')
    .where('chainId', '=', chainId)
    .where('state', 'in', OPEN)
    .select('keyId')
    .distinct()
    .orderBy('keyId')
    .execute()

/** What of a key was signed and is not over, in the order of its nonces. `isStuck` is one whose newest transaction is older than that. */
export const listSigned = (systemDb: Db, keyId: string, chainId: number, stuckSeconds: number) =>
  systemDb
    .selectFrom('chainTransfers')
    .where('keyId', '=', keyId)
    .where('chainId', '=', chainId)
    .where('state', 'in', ['signed', 'broadcast'])
    .select(columns)
    .select(['blockHash', sql<boolean>`signed_at < now() - make_interval(secs => ${stuckSeconds})`.as('isStuck')])
    .orderBy('nonce')
    .execute()

export type SignedRow = Awaited<ReturnType<typeof listSigned>>[number]

/** What of a key waits to be signed, in the order it was asked for. */
export const listQueued = (systemDb: Db, keyId: string, chainId: number) =>
  systemDb
    .selectFrom('chainTransfers')
    .where('keyId', '=', keyId)
    .where('chainId', '=', chainId)
    .where('state', '=', 'queued')
    .select(columns)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()

/** Writes down that a queued one is signed; false when it no longer is queued. */
export async function markSigned(systemDb: Db, id: string, nonce: number, txHash: string): Promise<boolean> {
  const signed = await systemDb
    .updateTable('chainTransfers')
    .set({ state: 'signed', nonce, txHash, problem: null, signedAt: now })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .returning('id')
    .executeTakeFirst()
  return signed !== undefined
}

/** The newest transaction of a transfer is another one from now on; false when it is over, in a block, or has another one already. */
export async function markReplaced(systemDb: Db, id: string, oldHash: string, txHash: string): Promise<boolean> {
  const replaced = await systemDb
    .updateTable('chainTransfers')
    .set({ txHash, signedAt: now })
    .where('id', '=', id)
    .where('state', 'in', ['signed', 'broadcast'])
    .where('txHash', '=', oldHash)
    .where('blockNumber', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return replaced !== undefined
}

const openTransfer = (systemDb: Db, id: string) => systemDb.updateTable('chainTransfers').where('id', '=', id).where('state', 'in', OPEN)

/** The chain has said that it has the transaction. */
export const markBroadcast = (systemDb: Db, id: string) =>
  openTransfer(systemDb, id).set({ state: 'broadcast', problem: null }).where('state', '=', 'signed').execute()

/** What stands in the way for now, as a sentence. */
export const noteProblem = (systemDb: Db, id: string, problem: string) => openTransfer(systemDb, id).set({ problem }).execute()

/** In which block it is; null when it no longer is in one. */
export const noteBlock = (systemDb: Db, id: string, block: { txHash: string; number: number; hash: string } | null) =>
  openTransfer(systemDb, id)
    .set({ state: 'broadcast', blockNumber: block?.number ?? null, blockHash: block?.hash ?? null })
    .$if(block !== null, (query) => query.set({ txHash: block!.txHash, problem: null }))
    .execute()

/** It is deep enough in the chain. */
export const markConfirmed = (systemDb: Db, id: string, feeWei: string) =>
  openTransfer(systemDb, id).set({ state: 'confirmed', feeWei, problem: null, endedAt: now }).execute()

/** It is over, and paid nothing. @param feeWei what it cost all the same; null for nothing. */
export const markFailed = (systemDb: Db, id: string, problem: string, feeWei: string | null) =>
  openTransfer(systemDb, id).set({ state: 'failed', problem, feeWei, endedAt: now }).execute()

/** Fails one that nothing was signed for; false when it is too late for that. */
export async function failQueued(systemDb: Db, id: string, problem: string): Promise<boolean> {
  const failed = await systemDb
    .updateTable('chainTransfers')
    .set({ state: 'failed', problem, endedAt: now })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .returning('id')
    .executeTakeFirst()
  return failed !== undefined
}
