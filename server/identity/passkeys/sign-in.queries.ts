import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

// Who signs in is not known yet, so these look at the passkeys of everybody.

/** Which passkeys a person has, as browsers know them. */
export const listCredentialsOf = (systemDb: Db, userId: string) =>
  systemDb.selectFrom('passkeys').where('userId', '=', userId).select(['credentialId as id', 'transports']).orderBy('id').execute()

/** The passkey browsers know by that id, and whose it is. */
export const findPasskey = (systemDb: Db, credentialId: string) =>
  systemDb
    .selectFrom('passkeys')
    .where('credentialId', '=', credentialId)
    .select(['id', 'userId', 'label', 'credentialId', 'publicKey', 'counter'])
    .executeTakeFirst()

/** Writes down that it was used, unless another use was written down since it was read. @returns its id then. */
export const recordUse = (systemDb: Db, passkeyId: string, before: number, counter: number) =>
  systemDb
    .updateTable('passkeys')
    .set({ counter, lastUsedAt: sql<string>`now()` })
    .where('id', '=', passkeyId)
    .where('counter', '=', before)
    .returning('id')
    .executeTakeFirst()

/** Notes for which site passkeys were made where that was not noted when they were. */
export const fillSites = (systemDb: Db, rpId: string) => systemDb.updateTable('passkeys').set({ rpId }).where('rpId', 'is', null).execute()

/** How many passkeys were made for each other site. */
export const countForOtherSites = (systemDb: Db, rpId: string) =>
  systemDb
    .selectFrom('passkeys')
    .where('rpId', '!=', rpId)
    .groupBy('rpId')
    .select(['rpId', sql<number>`count(*)`.as('count')])
    .orderBy('rpId')
    .execute()
