import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { prepare } from '#db/prepared.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const keysOf = prepare((db, accountId: string) =>
  db.selectFrom('providerKeys').where('accountId', '=', accountId).orderBy('provider').select(['provider', 'sealedKey', 'updatedAt']),
)

export const listProviderKeys = (db: Db, accountId: AccountId) => keysOf(db, accountId)

export const upsertProviderKey = (db: Db, accountId: AccountId, provider: string, sealedKey: string) =>
  db
    .insertInto('providerKeys')
    .values({ accountId, provider, sealedKey })
    .onConflict((oc) => oc.columns(['accountId', 'provider']).doUpdateSet({ sealedKey, updatedAt: sql<string>`now()` }))
    .returning(['provider', 'updatedAt'])
    .executeTakeFirstOrThrow()

export const deleteProviderKeys = (db: Db, accountId: AccountId) =>
  db.deleteFrom('providerKeys').where('accountId', '=', accountId).execute()

export const deleteProviderKey = (db: Db, accountId: AccountId, provider: string) =>
  db.deleteFrom('providerKeys').where('accountId', '=', accountId).where('provider', '=', provider).returning('provider').executeTakeFirst()
