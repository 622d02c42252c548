import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** Bytes of all files of the account. */
export async function sumBytes(db: Db, accountId: AccountId): Promise<number> {
  const { bytes } = await db
    .selectFrom('files')
    .where('accountId', '=', accountId)
    .select(sql<number>`coalesce(sum(size), 0)::int8`.as('bytes'))
    .executeTakeFirstOrThrow()
  return bytes
}

const fileColumns = ['id', 'agentId', 'name', 'size', 'type', 'sha256', 'storageKey', 'createdAt'] as const

const filesOf = (db: Db, accountId: AccountId) => db.selectFrom('files').where('accountId', '=', accountId).select(fileColumns)

/** Newest first; of one agent when it is named. */
/** Newest first. */
export const listFiles = (
  db: Db,
  accountId: AccountId,
  { agentId, limit, olderThan }: { agentId?: string | undefined; limit: number; olderThan?: string | undefined },
) =>
  filesOf(db, accountId)
    .$if(agentId !== undefined, (query) => query.where('agentId', '=', agentId!))
    .$if(olderThan !== undefined, (query) => query.where('id', '<', olderThan!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** What all files take, or those of an agent. */
export const sumFiles = (db: Db, accountId: AccountId, agentId?: string) =>
  db
    .selectFrom('files')
    .where('accountId', '=', accountId)
    .$if(agentId !== undefined, (query) => query.where('agentId', '=', agentId!))
    .select([sql<number>`coalesce(sum(size), 0)::int8`.as('bytes'), sql<number>`count(*)`.as('count')])
    .executeTakeFirstOrThrow()

export const findFile = (db: Db, accountId: AccountId, fileId: string) => filesOf(db, accountId).where('id', '=', fileId).executeTakeFirst()

/** The newest file of an agent with that name. */
export const findFileByName = (db: Db, accountId: AccountId, agentId: string, name: string) =>
  filesOf(db, accountId).where('agentId', '=', agentId).where('name', '=', name).orderBy('id', 'desc').limit(1).executeTakeFirst()

/** What all files take; the account stays locked, so two uploads cannot both take the last room. */
export async function lockUse(db: Db, accountId: AccountId): Promise<{ bytes: number; count: number }> {
  await lockAccount(db, accountId)
  return sumFiles(db, accountId)
}

export interface NewFile {
  id: string
  agentId: string
  name: string
  size: number
  type: string
  sha256: string
  storageKey: string
}

/** @returns undefined when the agent is gone. */
export const insertFile = (db: Db, accountId: AccountId, { id, agentId, name, size, type, sha256, storageKey }: NewFile) =>
  db
    .insertInto('files')
    .columns(['id', 'accountId', 'agentId', 'name', 'size', 'type', 'sha256', 'storageKey'])
    .expression((eb) =>
      eb
        .selectFrom('agents')
        .where('accountId', '=', accountId)
        .where('id', '=', agentId)
        .select([
          sql<string>`${id}`.as('newId'),
          'accountId',
          'id as agentId',
          sql<string>`${name}`.as('name'),
          sql<number>`${size}::int8`.as('size'),
          sql<string>`${type}`.as('type'),
          sql<string>`${sha256}`.as('sha256'),
          sql<string>`${storageKey}`.as('storageKey'),
        ]),
    )
    .returning(fileColumns)
    .executeTakeFirst()

/** Its bytes are then queued for removal, by a trigger. */
export const deleteFile = (db: Db, accountId: AccountId, fileId: string) =>
  db.deleteFrom('files').where('accountId', '=', accountId).where('id', '=', fileId).returning(['id', 'agentId']).executeTakeFirst()

export type FileRow = NonNullable<Awaited<ReturnType<typeof findFile>>>
