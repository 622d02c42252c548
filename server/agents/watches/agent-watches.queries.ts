import { sql, type ExpressionBuilder } from 'kysely'
import type { Db } from '#db/client.ts'
import type { DB } from '#db/types.ts'
import { wantedStatuses } from '../definitions/agent-status.contract.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { isAbandoned, type Worker } from '#server/platform/host/index.ts'

/** Whether nobody works on an agent. */
const isFree = (worker: Worker) => (eb: ExpressionBuilder<DB, 'agentWatches'>) =>
  eb.or([
    eb('agentWatches.leaseToken', 'is', null),
    isAbandoned({ server: 'agentWatches.leaseServerId', work: 'agentWatches.leaseToken' }, worker),
  ])

/** Takes the agent for one piece of work. @returns whether it is this caller's now. */
export async function claimAgent(db: Db, accountId: AccountId, agentId: string, token: string, worker: Worker): Promise<boolean> {
  const lease = { leaseToken: token, leaseServerId: worker.serverId }
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('agentWatches')
    .columns(['agentId', 'accountId', 'leaseToken', 'leaseServerId'])
    .expression((eb) =>
      eb
        .selectFrom('agents')
        .where('accountId', '=', accountId)
        .where('id', '=', agentId)
        .select(['id', 'accountId', sql<string>`${token}`.as('leaseToken'), sql<string>`${worker.serverId}`.as('leaseServerId')])
        // Whoever deletes the agent locks it first, and then this row.
        .forKeyShare(),
    )
    .onConflict((oc) => oc.column('agentId').doUpdateSet(lease).where(isFree(worker)))
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/** Whether the agent is still this caller's. In a transaction it stays so until that ends. */
export const isClaimed = async (db: Db, accountId: AccountId, agentId: string, token: string): Promise<boolean> =>
  (await db
    .selectFrom('agentWatches')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('leaseToken', '=', token)
    .select('agentId')
    .forNoKeyUpdate()
    .executeTakeFirst()) !== undefined

const NO_LEASE = { leaseToken: null, leaseServerId: null }

export const releaseClaim = (db: Db, accountId: AccountId, token: string) =>
  db.updateTable('agentWatches').set(NO_LEASE).where('accountId', '=', accountId).where('leaseToken', '=', token).execute()

/** Gives every agent back: for a server that knows it is the only one, when it starts. */
export const releaseAllClaims = (systemDb: Db) =>
  systemDb.updateTable('agentWatches').set(NO_LEASE).where('leaseToken', 'is not', null).execute()

/** How an agent did lately. Times are ISO 8601. */
export interface Watch {
  /** When it went down by itself, oldest first. */
  crashes: string[]
  /** Starts that failed, since the last one that did not. */
  failedStarts: number
  /** Repairs that were tried, since a check last found it well. */
  repairs: number
  /** Null while nobody looks after it. */
  nextCheckAt: string | null
}

/** What the runtime of an agent last said; mostly nulls for agents that run inside the server. */
export interface RuntimeSigns {
  /** Where its gateway takes calls, since its last start. */
  gatewayUrl: string | null
  runtimeVersion: string | null
  /** The last image it ran on; inside the server there is one too. */
  runtimeImage: string | null
  /** Why it is not well; null when it is. */
  reason: string | null
  /** When its state was last seen. */
  seenAt: string | null
}

export const findWatch = (db: Db, accountId: AccountId, agentId: string): Promise<(Watch & RuntimeSigns) | undefined> =>
  db
    .selectFrom('agentWatches')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .select(['crashes', 'failedStarts', 'repairs', 'nextCheckAt', 'gatewayUrl', 'runtimeVersion', 'runtimeImage', 'reason', 'seenAt'])
    .executeTakeFirst()

/** For an agent that was claimed once; of others nothing is written down. */
export const updateWatch = (db: Db, accountId: AccountId, agentId: string, watch: Partial<Watch & RuntimeSigns>) =>
  db.updateTable('agentWatches').set(watch).where('accountId', '=', accountId).where('agentId', '=', agentId).execute()

/** For a server whose agents run inside of it: what their runtimes said when they ran elsewhere is no longer so. */
export const forgetRuntimes = (systemDb: Db) =>
  systemDb
    .updateTable('agentWatches')
    .set({ gatewayUrl: null, runtimeVersion: null, seenAt: null })
    .where('seenAt', 'is not', null)
    .execute()

/** Has agents looked after that nobody looks after: those that should run, but started when agents ran elsewhere. */
export const watchUnwatched = (systemDb: Db, at: string) =>
  sql`
    insert into agent_watches (agent_id, account_id, next_check_at)
    select id, account_id, ${at}::timestamptz from agents where status = any(${wantedStatuses}::text[])
    on conflict (agent_id) do update set next_check_at = excluded.next_check_at where agent_watches.next_check_at is null`.execute(systemDb)

/**
 * Agents in one of these states that nobody works on and whose check is due, longest due first.
 * @param at The time by the watchdog's clock.
 */
export const listDue = (systemDb: Db, statuses: readonly string[], at: string, limit: number, worker: Worker) =>
  systemDb
    .selectFrom('agentWatches')
    .innerJoin('agents', 'agents.id', 'agentWatches.agentId')
    .where('agentWatches.nextCheckAt', '<=', at)
    .where('agents.status', 'in', statuses)
    .where(isFree(worker))
    .orderBy('agentWatches.nextCheckAt')
    .limit(limit)
    .select(['agents.id', 'agents.accountId'])
    .execute()

/** Has all agents that are looked after checked now. @returns which. */
export async function makeAllDue(systemDb: Db, at: string): Promise<string[]> {
  const due = await systemDb
    .updateTable('agentWatches')
    .set({ nextCheckAt: at })
    .where('nextCheckAt', 'is not', null)
    .returning('agentId')
    .execute()
  return due.map(({ agentId }) => agentId)
}

/** Why an agent is not well, and when it is looked at again, whether it was claimed before or not. */
export const noteReason = (db: Db, accountId: AccountId, agentId: string, facts: Pick<Watch & RuntimeSigns, 'reason' | 'nextCheckAt'>) =>
  db
    .insertInto('agentWatches')
    .values({ accountId, agentId, ...facts })
    .onConflict((oc) => oc.column('agentId').doUpdateSet(facts))
    .execute()

/** Has an agent that is looked after checked now. @returns false when it is not, or is about to be checked anyway. */
export async function checkNow(db: Db, accountId: AccountId, agentId: string, at: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('agentWatches')
    .set({ nextCheckAt: at })
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('nextCheckAt', '>', at)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
