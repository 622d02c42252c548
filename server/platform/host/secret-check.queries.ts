import type { Db } from '#db/client.ts'

/** Keeps the value unless there is one. @returns the one that is kept. */
export async function saveSecretValueIfAbsent(systemDb: Db, sealedValue: string): Promise<string> {
  await systemDb
    .insertInto('secretCheck')
    .values({ sealedValue })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  const row = await systemDb.selectFrom('secretCheck').select('sealedValue').executeTakeFirstOrThrow()
  return row.sealedValue
}

/** Replaces the value that was read, unless another server has done so. */
export const replaceSealedValue = (systemDb: Db, read: string, sealedValue: string) =>
  systemDb.updateTable('secretCheck').set({ sealedValue }).where('sealedValue', '=', read).execute()
