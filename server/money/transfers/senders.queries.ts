import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { Fees, SignedTransaction } from './transactions.rules.ts'

/** Which key sends, and on which chain. */
export interface Sender {
  keyId: string
  chainId: number
}

const senderRow = (systemDb: Db, { keyId, chainId }: Sender) =>
  systemDb.updateTable('chainSenders').where('keyId', '=', keyId).where('chainId', '=', chainId)

/** Begins to count nonces, unless that was done. */
export const insertSender = (systemDb: Db, { keyId, chainId }: Sender, nextNonce: number) =>
  systemDb
    .insertInto('chainSenders')
    .values({ keyId, chainId, nextNonce })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/** What others have sent with the key is counted too; never backwards. */
export const raiseNonce = (systemDb: Db, sender: Sender, nextNonce: number) =>
  senderRow(systemDb, sender).set({ nextNonce }).where('nextNonce', '<', nextNonce).execute()

export const hasSender = async (systemDb: Db, { keyId, chainId }: Sender): Promise<boolean> =>
  (await systemDb
    .selectFrom('chainSenders')
    .where('keyId', '=', keyId)
    .where('chainId', '=', chainId)
    .select('keyId')
    .executeTakeFirst()) !== undefined

/** Takes over to send with a key for a time; false while somebody else does. Who has it may take it again. */
export async function takeLease(systemDb: Db, sender: Sender, leasedBy: string, seconds: number): Promise<boolean> {
  const taken = await senderRow(systemDb, sender)
    .set({ leasedBy, leaseExpiresAt: sql<string>`now() + make_interval(secs => ${seconds})` })
    .where((eb) => eb.or([eb('leasedBy', 'is', null), eb('leasedBy', '=', leasedBy), eb('leaseExpiresAt', '<=', sql<string>`now()`)]))
    .returning('keyId')
    .executeTakeFirst()
  return taken !== undefined
}

export const dropLease = (systemDb: Db, sender: Sender, leasedBy: string) =>
  senderRow(systemDb, sender).set({ leasedBy: null, leaseExpiresAt: null }).where('leasedBy', '=', leasedBy).execute()

/** The next nonce, which nobody else gets: the row is locked until the transaction ends. @returns undefined when the lease is gone. */
export async function takeNonce(systemDb: Db, sender: Sender, leasedBy: string): Promise<number | undefined> {
  const taken = await senderRow(systemDb, sender)
    .set((eb) => ({ nextNonce: eb('nextNonce', '+', 1) }))
    .where('leasedBy', '=', leasedBy)
    .returning(sql<number>`next_nonce - 1`.as('nonce'))
    .executeTakeFirst()
  return taken?.nonce
}

/** Keeps the bytes of a transaction, behind earlier ones of the same nonce. */
export const insertTransaction = (systemDb: Db, transferId: string, { hash, raw }: SignedTransaction, fees: Fees) =>
  systemDb
    .insertInto('chainTransactions')
    .values({
      hash,
      raw,
      transferId,
      position: sql<number>`(select count(*) + 1 from chain_transactions where transfer_id = ${transferId})`,
      gas: String(fees.gas),
      maxFeePerGas: String(fees.maxFeePerGas),
      maxPriorityFeePerGas: String(fees.maxPriorityFeePerGas),
    })
    .execute()

/** Everything that was signed for a transfer, newest first. */
export const listTransactions = (systemDb: Db, transferId: string) =>
  systemDb
    .selectFrom('chainTransactions')
    .where('transferId', '=', transferId)
    .select(['hash', 'raw', 'gas', 'maxFeePerGas', 'maxPriorityFeePerGas'])
    .orderBy('position', 'desc')
    .execute()

export type TransactionRow = Awaited<ReturnType<typeof listTransactions>>[number]
