import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '../core/context.ts'

const inSeconds = (seconds: number) => sql<string>`now() + make_interval(secs => ${seconds})`

/** Takes the agent for one piece of work. @returns whether it is this caller's now. */
export async function claimAgent(db: Db, accountId: AccountId, agentId: string, token: string, seconds: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('agentWatches')
    .columns(['agentId', 'accountId', 'leaseToken', 'leaseUntil'])
    .expression((eb) =>
      eb
        .selectFrom('agents')
        .where('accountId', '=', accountId)
        .where('id', '=', agentId)
        .select(['id', 'accountId', sql<string>`${token}`.as('leaseToken'), inSeconds(seconds).as('leaseUntil')]),
    )
    .onConflict((oc) =>
      oc
        .column('agentId')
        .doUpdateSet({ leaseToken: token, leaseUntil: inSeconds(seconds) })
        .where((eb) => eb.or([eb('agentWatches.leaseUntil', 'is', null), eb('agentWatches.leaseUntil', '<', sql<string>`now()`)])),
    )
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

export const renewClaim = (db: Db, accountId: AccountId, token: string, seconds: number) =>
  db
    .updateTable('agentWatches')
    .set({ leaseUntil: inSeconds(seconds) })
    .where('accountId', '=', accountId)
    .where('leaseToken', '=', token)
    .execute()

export const releaseClaim = (db: Db, accountId: AccountId, token: string) =>
  db
    .updateTable('agentWatches')
    .set({ leaseToken: null, leaseUntil: null })
    .where('accountId', '=', accountId)
    .where('leaseToken', '=', token)
    .execute()

/** Gives every agent back: for a server that knows it is the only one, when it starts. */
export const releaseAllClaims = (systemDb: Db) =>
  systemDb.updateTable('agentWatches').set({ leaseToken: null, leaseUntil: null }).where('leaseToken', 'is not', null).execute()

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

export const findWatch = (db: Db, accountId: AccountId, agentId: string): Promise<Watch | undefined> =>
  db
    .selectFrom('agentWatches')
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .select(['crashes', 'failedStarts', 'repairs', 'nextCheckAt'])
    .executeTakeFirst()

/** For an agent that was claimed once; of others nothing is written down. */
export const updateWatch = (db: Db, accountId: AccountId, agentId: string, watch: Partial<Watch>) =>
  db.updateTable('agentWatches').set(watch).where('accountId', '=', accountId).where('agentId', '=', agentId).execute()

/** Has agents looked after that nobody looks after: those that should run, but started when agents ran elsewhere. */
export const watchUnwatched = (systemDb: Db, at: string) =>
  sql`
    insert into agent_watches (agent_id, account_id, next_check_at)
    select id, account_id, ${at}::timestamptz from agents where status in ('provisioning', 'starting', 'running', 'degraded', 'repairing')
    on conflict (agent_id) do update set next_check_at = excluded.next_check_at where agent_watches.next_check_at is null`.execute(systemDb)

/**
 * Agents in one of these states that nobody works on and whose check is due, longest due first.
 * @param at The time by the watchdog's clock.
 */
export const listDue = (systemDb: Db, statuses: readonly string[], at: string, limit: number) =>
  systemDb
    .selectFrom('agentWatches')
    .innerJoin('agents', 'agents.id', 'agentWatches.agentId')
    .where('agentWatches.nextCheckAt', '<=', at)
    .where('agents.status', 'in', statuses)
    .where((eb) => eb.or([eb('agentWatches.leaseUntil', 'is', null), eb('agentWatches.leaseUntil', '<', sql<string>`now()`)]))
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

/** Has an agent that is looked after checked now. @returns false when it is not, or is about to be checked anyway. */
export async function hastenCheck(db: Db, accountId: AccountId, agentId: string, at: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('agentWatches')
    .set({ nextCheckAt: at })
    .where('accountId', '=', accountId)
    .where('agentId', '=', agentId)
    .where('nextCheckAt', '>', at)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
