import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** `own`: this server has the key, and sends from it. `client`: the same on the test network. `hosted`: Coinbase has the key. */
type WalletKind = 'own' | 'client' | 'hosted'

interface NewWallet {
  id: string
  kind: WalletKind
  address: string
  network: 'base' | 'base-sepolia'
  keyId: string | null
  email?: string
}

const columns = ['id', 'kind', 'address', 'network', 'keyId', 'createdAt'] as const

export type WalletRow = NonNullable<Awaited<ReturnType<typeof findWallet>>>

/** The wallet of a workspace of which there is one at most. */
export const findWallet = (db: Db, accountId: AccountId, kind: 'own' | 'hosted') =>
  db.selectFrom('wallets').where('accountId', '=', accountId).where('kind', '=', kind).select(columns).executeTakeFirst()

/** @returns undefined when there is one of its kind, or with its address. */
export const insertWallet = (db: Db, accountId: AccountId, wallet: NewWallet) =>
  db
    .insertInto('wallets')
    .values({ ...wallet, accountId })
    .onConflict((conflict) => conflict.doNothing())
    .returning(columns)
    .executeTakeFirst()

/** Whose an address is that is kept here. */
export const findOwnerOf = (systemDb: Db, address: string) =>
  systemDb.selectFrom('wallets').where('address', '=', address).select('accountId').executeTakeFirst()

export async function countClients(db: Db, accountId: AccountId): Promise<number> {
  const rows = await db.selectFrom('wallets').where('accountId', '=', accountId).where('kind', '=', 'client').select('id').execute()
  return rows.length
}
