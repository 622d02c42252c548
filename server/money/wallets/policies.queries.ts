import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const columns = ['id', 'agentId', 'perTransferUnits', 'perDayUnits', 'approvalAboveUnits', 'allowedRecipients', 'updatedAt'] as const

/** What of a workspace, or of an agent of it, was ordered today (UTC). What failed before it was paid does not count. */
const spentToday = sql<number>`(
  select coalesce(sum(amount_units), 0)::bigint from wallet_sends
  left join chain_transfers on chain_transfers.ref = 'wallet:' || wallet_sends.id
  where wallet_sends.account_id = wallet_policies.account_id
    and (wallet_policies.agent_id is null or wallet_sends.agent_id = wallet_policies.agent_id)
    and wallet_sends.state = 'ordered' and chain_transfers.state is distinct from 'failed'
    and wallet_sends.ordered_at >= date_trunc('day', now() at time zone 'utc') at time zone 'utc')`

const policies = (db: Db, accountId: AccountId) =>
  db.selectFrom('walletPolicies').where('accountId', '=', accountId).select(columns).select(spentToday.as('spentTodayUnits'))

export type PolicyRow = Awaited<ReturnType<typeof listPolicies>>[number]

/** That of the whole workspace first. */
export const listPolicies = (db: Db, accountId: AccountId) =>
  policies(db, accountId)
    .orderBy(sql`agent_id nulls first`)
    .execute()

/** Those about who asks: that of the workspace, and that of the agent. */
export const listPoliciesFor = (db: Db, accountId: AccountId, agentId: string | null) =>
  policies(db, accountId)
    .where((eb) => eb.or([eb('agentId', 'is', null), ...(agentId === null ? [] : [eb('agentId', '=', agentId)])]))
    .orderBy(sql`agent_id nulls first`)
    .execute()

/** Who spends waits here for others who spend under the same policies; read them after this, in a statement of its own. */
export const lockPolicies = (db: Db, accountId: AccountId) =>
  db.selectFrom('walletPolicies').where('accountId', '=', accountId).select('id').orderBy('id').forUpdate().execute()

interface NewPolicy {
  id: string
  agentId: string | null
  perTransferUnits: number | null
  perDayUnits: number | null
  approvalAboveUnits: number | null
  allowedRecipients: string[] | null
}

/** Sets the policy of an agent, or of all. @returns its id. */
export const savePolicy = (db: Db, accountId: AccountId, { id, agentId, ...limits }: NewPolicy) =>
  db
    .insertInto('walletPolicies')
    .values({ id, accountId, agentId, ...limits })
    .onConflict((conflict) => conflict.columns(['accountId', 'agentId']).doUpdateSet({ ...limits, updatedAt: sql<string>`now()` }))
    .returning('id')
    .executeTakeFirstOrThrow()

export const deletePolicy = (db: Db, accountId: AccountId, id: string) =>
  db.deleteFrom('walletPolicies').where('accountId', '=', accountId).where('id', '=', id).returning('id').executeTakeFirst()

/** Whether an agent is of the workspace. */
export const hasAgent = async (db: Db, accountId: AccountId, agentId: string): Promise<boolean> =>
  (await db.selectFrom('agents').where('accountId', '=', accountId).where('id', '=', agentId).select('id').executeTakeFirst()) !== undefined
