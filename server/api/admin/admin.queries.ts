import { sql, type SqlBool } from 'kysely'
import type { Db } from '#db/client.ts'

// Across workspaces, on the connection that sees all: only for those who operate the server.

interface Page {
  search?: string | undefined
  isSuspended?: boolean | undefined
  before?: string | undefined
  limit: number
}

/** A part of a text, in any case; what would be a pattern in it is not one. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

export const listPeople = (systemDb: Db, { search, isSuspended, before, limit }: Page) =>
  systemDb
    .selectFrom('users')
    .where('deletedAt', 'is', null)
    .$if(search !== undefined, (query) =>
      query.where((eb) =>
        eb.or([eb('name', 'ilike', containing(search!)), eb('email', 'ilike', containing(search!)), eb('id', '=', search!)]),
      ),
    )
    .$if(isSuspended !== undefined, (query) => query.where('suspendedAt', isSuspended ? 'is not' : 'is', null))
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .select(['id', 'name', 'email', 'createdAt'])
    .select(sql<boolean>`email_verified_at is not null`.as('isEmailVerified'))
    .select(sql<boolean>`suspended_at is not null`.as('isSuspended'))
    .select(sql<string | null>`(select max(last_seen_at) from sessions where user_id = users.id)`.as('lastSeenAt'))
    .select(sql<number>`(select count(*) from memberships where user_id = users.id)`.as('workspaces'))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const findPersonRow = (systemDb: Db, userId: string) =>
  systemDb
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .select(['id', 'name', 'email', 'personalAccountId'])
    .executeTakeFirst()

/** Keeps a person out, or lets them in again; who is out already stays so since then. */
export const setPersonSuspended = (systemDb: Db, userId: string, isSuspended: boolean) =>
  systemDb
    .updateTable('users')
    .set({ suspendedAt: isSuspended ? sql<string>`coalesce(suspended_at, now())` : null })
    .where('id', '=', userId)
    .execute()

export const listWorkspaces = (systemDb: Db, { search, isSuspended, before, limit }: Page) =>
  systemDb
    .selectFrom('accounts')
    .where('deletedAt', 'is', null)
    .$if(search !== undefined, (query) => query.where((eb) => eb.or([eb('name', 'ilike', containing(search!)), eb('id', '=', search!)])))
    .$if(isSuspended !== undefined, (query) => query.where('suspendedAt', isSuspended ? 'is not' : 'is', null))
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .select(['id', 'kind', 'name', 'plan', 'subscriptionStatus', 'createdAt'])
    .select(sql<boolean>`suspended_at is not null`.as('isSuspended'))
    .select(sql<number>`(select count(*) from memberships where account_id = accounts.id)`.as('members'))
    .select(sql<number>`(select count(*) from agents where account_id = accounts.id)`.as('agents'))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const lockWorkspace = (systemDb: Db, accountId: string) =>
  systemDb
    .selectFrom('accounts')
    .where('id', '=', accountId)
    .where('deletedAt', 'is', null)
    .select(['id', 'name', 'plan', 'stripeSubscriptionId'])
    .forNoKeyUpdate()
    .executeTakeFirst()

export const setWorkspacePlan = (systemDb: Db, accountId: string, plan: string) =>
  systemDb
    .updateTable('accounts')
    .set({ plan, subscriptionStatus: plan === 'free' ? 'none' : 'active', updatedAt: sql<string>`now()` })
    .where('id', '=', accountId)
    .execute()

export const setWorkspaceSuspended = (systemDb: Db, accountId: string, isSuspended: boolean) =>
  systemDb
    .updateTable('accounts')
    .set({ suspendedAt: isSuspended ? sql<string>`coalesce(suspended_at, now())` : null })
    .where('id', '=', accountId)
    .execute()

export const listFailedJobs = (systemDb: Db, limit: number, before?: string) =>
  systemDb
    .selectFrom('jobs')
    .where('status', '=', 'failed')
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .select(['id', 'accountId', 'type', 'error', 'errorCode', 'attempts', 'createdAt', 'completedAt'])
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** Queues a job that was given up once more, with all its tries. @returns the workspace it is of; undefined when it is not such a job. */
export const requeueFailedJob = (systemDb: Db, jobId: string) =>
  systemDb
    .updateTable('jobs')
    .set({
      status: 'queued',
      attempts: 0,
      runAt: sql<string>`now()`,
      completedAt: null,
      error: null,
      errorCode: null,
      updatedAt: sql<string>`now()`,
    })
    .where('id', '=', jobId)
    .where('status', '=', 'failed')
    .returning('accountId')
    .executeTakeFirst()

export const countAgentStates = (systemDb: Db, limit: number) =>
  systemDb
    .selectFrom('agents')
    .select(['status', sql<number>`count(*)`.as('agents')])
    .groupBy('status')
    .orderBy('status')
    .limit(limit)
    .execute()

export const listUnwellAgents = (systemDb: Db, limit: number) =>
  systemDb
    .selectFrom('agents')
    .leftJoin('agentWatches', 'agentWatches.agentId', 'agents.id')
    .where(sql<SqlBool>`agents.status not in ('running', 'active', 'starting', 'stopped')`)
    .select(['agents.id as agentId', 'agents.accountId', 'agents.status', 'agentWatches.reason', 'agentWatches.seenAt'])
    .orderBy('agentWatches.seenAt', 'desc')
    .limit(limit)
    .execute()
