import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { upStatuses } from '../definitions/agent-status.contract.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** Counts a change of what an agent knows, which is now to be told to its runtime at once; of an agent that is gone nothing is counted. */
export const countChange = (db: Db, accountId: AccountId, agentId: string) =>
  sql`
    insert into agent_watches (agent_id, account_id, knowledge_version)
    select id, account_id, 1 from agents where account_id = ${accountId} and id = ${agentId}
    on conflict (agent_id) do update set knowledge_version = agent_watches.knowledge_version + 1, knowledge_retry_at = null`.execute(db)

/** How many changes there were, and whether the runtime has refused the last of them already. */
export const findVersion = (db: Db, accountId: AccountId, agentId: string) =>
  db
    .selectFrom('agentWatches')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .select(['knowledgeVersion as version', 'knowledgeRetryAt as retryAt'])
    .executeTakeFirst()

/** The runtime knows what came of the first `version` changes. */
export const noteTold = (db: Db, accountId: AccountId, agentId: string, version: number) =>
  db
    .updateTable('agentWatches')
    .set({ knowledgeTold: sql<number>`greatest(knowledge_told, ${version}::integer)`, knowledgeRetryAt: null })
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .execute()

/** The runtime could not be told; it is to be told again at that time (ISO 8601). */
export const noteUntold = (db: Db, accountId: AccountId, agentId: string, retryAt: string) =>
  db
    .updateTable('agentWatches')
    .set({ knowledgeRetryAt: retryAt })
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .execute()

/** Agents that run, that nobody works on, and whose runtime is to be told what they know now. */
export const listUntold = (systemDb: Db, limit: number) =>
  systemDb
    .selectFrom('agentWatches')
    .innerJoin('agents', 'agents.id', 'agentWatches.agentId')
    .where(sql<boolean>`knowledge_version > knowledge_told`)
    .where((eb) => eb.or([eb('knowledgeRetryAt', 'is', null), eb('knowledgeRetryAt', '<=', sql<string>`now()`)]))
    .where('agentWatches.leaseToken', 'is', null)
    .where('agents.status', 'in', upStatuses)
    .limit(limit)
    .select(['agents.id', 'agents.accountId'])
    .execute()
