import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, type TimePlace } from '#db/keyset.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'

interface NewWorkspace {
  id: string
  kind: 'personal' | 'team'
  name: string
  referralCode: string
  /** Days of its trial; null for none. */
  trialDays: number | null
}

export const insertWorkspace = (systemDb: Db, { trialDays, ...workspace }: NewWorkspace) =>
  systemDb
    .insertInto('accounts')
    .values({ ...workspace, trialEndsAt: trialDays === null ? null : sql<string>`now() + make_interval(days => ${trialDays})` })
    .execute()

export const insertMembership = (systemDb: Db, membership: { accountId: string; userId: string; role: Role }) =>
  systemDb.insertInto('memberships').values(membership).execute()

/** Gives the personal workspace of a person another name; a team keeps its own. */
export const renamePersonalWorkspace = (systemDb: Db, userId: string, name: string) =>
  systemDb
    .updateTable('accounts')
    .from('users')
    .whereRef('users.personalAccountId', '=', 'accounts.id')
    .where('users.id', '=', userId)
    .where('accounts.kind', '=', 'personal')
    .set({ name, updatedAt: sql<string>`now()` })
    .execute()

export const findWorkspaceByReferralCode = (systemDb: Db, code: string) =>
  systemDb.selectFrom('accounts').where('referralCode', '=', code.toUpperCase()).select('id').executeTakeFirst()

/** Open workspaces a person is in, as they see them. */
const workspacesOf = (systemDb: Db, userId: string) =>
  systemDb
    .selectFrom('memberships')
    .innerJoin('accounts', 'accounts.id', 'memberships.accountId')
    .where('memberships.userId', '=', userId)
    .where('accounts.suspendedAt', 'is', null)
    .where('accounts.deletedAt', 'is', null)

const listed = (systemDb: Db, userId: string) =>
  workspacesOf(systemDb, userId)
    .select(['accounts.id', 'accounts.name', 'accounts.kind', 'memberships.role', 'accounts.createdAt'])
    .orderBy('memberships.createdAt')
    .orderBy('accounts.id')

/** In the order the person came to them. */
export const listWorkspaces = (systemDb: Db, userId: string) => listed(systemDb, userId).execute()

/** From behind a place; `place` is when the person came to each, exactly. */
export const listWorkspacePage = (systemDb: Db, userId: string, limit: number, after?: TimePlace) =>
  listed(systemDb, userId)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(memberships.created_at, accounts.id) > (${after?.[0]}::timestamptz, ${after?.[1]})`),
    )
    .select(exactTime('memberships.createdAt').as('place'))
    .limit(limit)
    .execute()

export const findWorkspaceOf = (systemDb: Db, userId: string, accountId: string) =>
  listed(systemDb, userId).where('accounts.id', '=', accountId).executeTakeFirst()

export async function countWorkspaces(systemDb: Db, userId: string): Promise<number> {
  const { count } = await workspacesOf(systemDb, userId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** In how many workspaces somebody is; whoever else asks waits until the transaction ends, so two callers cannot both take the last place. */
export async function lockWorkspaceCount(systemDb: Db, userId: string): Promise<number> {
  await systemDb.selectFrom('users').where('id', '=', userId).select('id').forNoKeyUpdate().execute()
  const { count } = await systemDb
    .selectFrom('memberships')
    .where('userId', '=', userId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export async function countMembers(db: Db, accountId: string): Promise<number> {
  const { count } = await db
    .selectFrom('memberships')
    .where('accountId', '=', accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Gives a team another name. @returns undefined for a personal workspace. */
export const renameTeam = (systemDb: Db, accountId: string, name: string) =>
  systemDb
    .updateTable('accounts')
    .set({ name, updatedAt: sql<string>`now()` })
    .where('id', '=', accountId)
    .where('kind', '=', 'team')
    .returning(['id', 'name', 'kind', 'createdAt'])
    .executeTakeFirst()

/** Makes a team of a personal workspace. Of any number of callers one does. @returns undefined when it is a team already. */
export const makeTeam = (systemDb: Db, accountId: string, name: string) =>
  systemDb
    .updateTable('accounts')
    .set({ kind: 'team', name, updatedAt: sql<string>`now()` })
    .where('id', '=', accountId)
    .where('kind', '=', 'personal')
    .returning(['id', 'name', 'kind', 'createdAt'])
    .executeTakeFirst()

export const setPersonalWorkspace = (systemDb: Db, userId: string, personalAccountId: string) =>
  systemDb.updateTable('users').set({ personalAccountId }).where('id', '=', userId).execute()

/** Makes somebody a member of a team that is open, unless they are one. @returns undefined when there is no such team, or they are. */
export const joinTeam = (systemDb: Db, { accountId, userId, role }: { accountId: string; userId: string; role: Role }) =>
  systemDb
    .insertInto('memberships')
    .columns(['accountId', 'userId', 'role'])
    .expression((from) =>
      from
        .selectFrom('accounts')
        .where('id', '=', accountId)
        .where('kind', '=', 'team')
        .where('suspendedAt', 'is', null)
        .where('deletedAt', 'is', null)
        .select(['id', sql<string>`${userId}`.as('userId'), sql<string>`${role}`.as('role')]),
    )
    .onConflict((oc) => oc.columns(['accountId', 'userId']).doNothing())
    .returning('role')
    .executeTakeFirst()
