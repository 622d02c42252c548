import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** What a key is for: the wallet of a workspace, or money that is held until it is clear whose it is. */
export type KeyPurpose = 'wallet' | 'escrow'

const columns = ['id', 'accountId', 'purpose', 'address', 'isImported', 'createdAt'] as const

/** A key without the key itself. */
export type ChainKeyRow = NonNullable<Awaited<ReturnType<typeof findKey>>>

interface NewKey {
  id: string
  purpose: KeyPurpose
  address: string
  sealedKey: string
  isImported: boolean
}

/** @returns undefined when the address is known already, whoever has it. */
export const insertKey = (systemDb: Db, accountId: AccountId, key: NewKey) =>
  systemDb
    .insertInto('chainKeys')
    .values({ ...key, accountId })
    .onConflict((conflict) => conflict.column('address').doNothing())
    .returning(columns)
    .executeTakeFirst()

export const findKey = (systemDb: Db, id: string) =>
  systemDb.selectFrom('chainKeys').where('id', '=', id).select(columns).executeTakeFirst()

/** The sealed key; only to sign with. */
export async function readSealedKey(systemDb: Db, id: string): Promise<string> {
  const { sealedKey } = await systemDb.selectFrom('chainKeys').where('id', '=', id).select('sealedKey').executeTakeFirstOrThrow()
  return sealedKey
}
