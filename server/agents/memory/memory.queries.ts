import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const memoriesOf = (db: Db, accountId: AccountId, agentId?: string) =>
  db
    .selectFrom('agentMemories')
    .where('accountId', '=', accountId)
    .$if(agentId !== undefined, (query) => query.where('agentId', '=', agentId!))

interface MemoryPage {
  agentId?: string
  /** Begins behind this key. */
  cursor?: string
  /** Most values. */
  limit: number
  /** Most bytes of them, once serialised; a page has at least one value all the same. */
  maxBytes: number
}

/**
 * Values in the order of their keys. Where several agents have a key, the one stored last.
 *
 * @returns them, and whether there are more.
 */
export async function listMemories(db: Db, accountId: AccountId, { agentId, cursor, limit, maxBytes }: MemoryPage) {
  const { rows } = await sql<{ key: string; value: unknown; found: number }>`
    with newest as (
      select distinct on (key collate "C") agent_id, key, bytes from agent_memories
      where account_id = ${accountId}
        and ${agentId === undefined ? sql`true` : sql`agent_id = ${agentId}`}
        and ${cursor === undefined ? sql`true` : sql`key collate "C" > ${cursor}`}
      order by key collate "C", updated_at desc limit ${limit + 1}
    ), measured as (
      select agent_id, key, row_number() over in_order as place, sum(bytes) over in_order as total, count(*) over () as found
      from newest window in_order as (order by key collate "C")
    )
    select key, value, found from measured join agent_memories using (agent_id, key)
    where place = 1 or (place <= ${limit} and total <= ${maxBytes})
    order by key collate "C"`.execute(db)
  return { values: rows, hasMore: rows.length > 0 && rows[0]!.found > rows.length }
}

/** When anything was stored last; null when nothing is. */
export async function findLastUpdated(db: Db, accountId: AccountId, agentId?: string): Promise<string | null> {
  const { at } = await memoriesOf(db, accountId, agentId)
    .select((eb) => eb.fn.max<string | null>('updatedAt').as('at'))
    .executeTakeFirstOrThrow()
  return at
}

export async function countMemories(db: Db, accountId: AccountId, agentId: string): Promise<number> {
  const { count } = await memoriesOf(db, accountId, agentId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** What all values of the account take. */
interface MemoryUse {
  keys: number
  bytes: number
}

export const sumMemory = (db: Db, accountId: AccountId): Promise<MemoryUse> =>
  memoriesOf(db, accountId)
    .select([sql<number>`count(*)`.as('keys'), sql<number>`coalesce(sum(bytes), 0)::int8`.as('bytes')])
    .executeTakeFirstOrThrow()

/** How much the account remembers; the account stays locked, so that two callers cannot both take the last room. */
export async function lockMemory(db: Db, accountId: AccountId): Promise<MemoryUse> {
  await lockAccount(db, accountId)
  return sumMemory(db, accountId)
}

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
