import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const logColumns = ['id', 'createdAt as timestamp', 'level', 'message', 'source', 'agentId'] as const

interface NewLog {
  id: string
  agentId: string
  level: string
  source: string
  message: string
}

/** Writes a line and drops the oldest beyond `mostKept`, unless somebody else just does; of an agent that is gone nothing is written. */
export const insertLog = (db: Db, accountId: AccountId, { id, agentId, level, source, message }: NewLog, mostKept: number) =>
  sql`
    with agent as (
      select account_id, id from agents where account_id = ${accountId} and id = ${agentId} for key share
    ), written as (
      insert into agent_logs (id, account_id, agent_id, level, source, message)
      select ${id}, account_id, id, ${level}, ${source}, ${message} from agent
    ), oldest as (
      select log.id from agent, agent_logs as log where log.account_id = ${accountId} and log.agent_id = agent.id and log.id <= (
        select id from agent_logs where account_id = ${accountId} and agent_id = ${agentId} order by id desc offset ${mostKept - 1} limit 1)
      for update of log skip locked
    )
    delete from agent_logs using oldest where agent_logs.account_id = ${accountId} and agent_logs.id = oldest.id`.execute(db)

const logsOf = (db: Db, accountId: AccountId, agentId: string, level: string | null) =>
  db
    .selectFrom('agentLogs')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .$if(level !== null, (query) => query.where('level', '=', level!))

/** Newest first. */
export const listLogs = (db: Db, accountId: AccountId, agentId: string, level: string | null, limit: number) =>
  logsOf(db, accountId, agentId, level).select(logColumns).orderBy('id', 'desc').limit(limit).execute()

export async function countLogs(db: Db, accountId: AccountId, agentId: string, level: string | null): Promise<number> {
  const { count } = await logsOf(db, accountId, agentId, level)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export const findLog = (db: Db, accountId: AccountId, logId: string) =>
  db.selectFrom('agentLogs').where('accountId', '=', accountId).where('id', '=', logId).select(logColumns).executeTakeFirst()
