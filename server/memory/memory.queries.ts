import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '../core/context.ts'

const memoriesOf = (db: Db, accountId: AccountId, agentId?: string) =>
  db
    .selectFrom('agentMemories')
    .where('accountId', '=', accountId)
    .$if(agentId !== undefined, (query) => query.where('agentId', '=', agentId!))

/** Stored last comes last. */
export const listMemories = (db: Db, accountId: AccountId, agentId?: string) =>
  memoriesOf(db, accountId, agentId).select(['key', 'value', 'updatedAt']).orderBy('updatedAt').orderBy('key').execute()

export const findMemory = (db: Db, accountId: AccountId, agentId: string, key: string) =>
  memoriesOf(db, accountId, agentId).where('key', '=', key).select('value').executeTakeFirst()

/** Existing keys are overwritten, others stay. Written in the order of the keys, so that two callers never wait for each other. @returns when they were saved. */
export async function upsertMemories(db: Db, accountId: AccountId, agentId: string, values: Record<string, unknown>): Promise<string> {
  const [first] = await db
    .insertInto('agentMemories')
    .values(
      Object.entries(values)
        .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .map(([key, value]) => ({ accountId, agentId, key, value: JSON.stringify(value) })),
    )
    .onConflict((oc) =>
      oc.columns(['agentId', 'key']).doUpdateSet({ value: (eb) => eb.ref('excluded.value'), updatedAt: sql<string>`clock_timestamp()` }),
    )
    .returning('updatedAt')
    .execute()
  return first!.updatedAt
}

export const deleteMemory = (db: Db, accountId: AccountId, agentId: string, key: string) =>
  db
    .deleteFrom('agentMemories')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('key', '=', key)
    .returning('key')
    .executeTakeFirst()

/** Forgets everything. Locked in the order in which `upsertMemories` writes, that of the bytes. */
export const deleteMemories = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .deleteFrom('agentMemories')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where(
      'key',
      'in',
      memoriesOf(db, accountId, agentId)
        .select('key')
        .orderBy(sql`key collate "C"`)
        .forUpdate(),
    )
    .returning('key')
    .execute()
