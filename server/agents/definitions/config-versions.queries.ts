import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { AgentConfig } from './agents.contract.ts'

const versionsOf = (db: Db, accountId: AccountId, agentId: string) =>
  db.selectFrom('agentConfigVersions').where('accountId', '=', accountId).where('agentId', '=', agentId)

/** Keeps a configuration as the next version and drops the oldest beyond `mostKept`. The agent has to be locked. */
export async function insertVersion(db: Db, accountId: AccountId, agentId: string, config: AgentConfig, mostKept: number): Promise<void> {
  const { version } = await db
    .insertInto('agentConfigVersions')
    .values(({ selectFrom }) => ({
      accountId,
      agentId,
      config: JSON.stringify(config),
      version: selectFrom('agentConfigVersions')
        .where('agentId', '=', agentId)
        .select(sql<number>`coalesce(max(version), 0) + 1`.as('next')),
    }))
    .returning('version')
    .executeTakeFirstOrThrow()
  await db
    .deleteFrom('agentConfigVersions')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('version', '<=', version - mostKept)
    .execute()
}

/** Newest first. */
export const listVersions = (db: Db, accountId: AccountId, agentId: string) =>
  versionsOf(db, accountId, agentId).select(['version', 'config', 'createdAt']).orderBy('version', 'desc').execute()

export const findVersion = (db: Db, accountId: AccountId, agentId: string, version: number) =>
  versionsOf(db, accountId, agentId).where('version', '=', version).select(['version', 'config', 'createdAt']).executeTakeFirst()
