import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'

const membersOf = (db: Db, accountId: AccountId) =>
  db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.userId')
    .where('memberships.accountId', '=', accountId)
    .select(['users.id as userId', 'users.name', 'users.email', 'memberships.role', 'memberships.createdAt as joinedAt'])
    .select((eb) =>
      eb
        .selectFrom('apiKeys')
        .whereRef('apiKeys.accountId', '=', 'memberships.accountId')
        .whereRef('apiKeys.createdBy', '=', 'memberships.userId')
        .where('apiKeys.agentId', 'is', null)
        .select(sql<number>`count(*)`.as('count'))
        .as('keyCount'),
    )

/** In the order they came. */
const listed = (db: Db, accountId: AccountId) => membersOf(db, accountId).orderBy('memberships.createdAt').orderBy('memberships.userId')

export const listMembers = (db: Db, accountId: AccountId) => listed(db, accountId).execute()

/** From behind a place; `place` is when each came, exactly. */
export const listMemberPage = (db: Db, accountId: AccountId, limit: number, after?: TimePlace) =>
  listed(db, accountId)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(memberships.created_at, memberships.user_id) > (${after?.[0]}::timestamptz, ${after?.[1]})`),
    )
    .select(exactTime('memberships.createdAt').as('place'))
    .limit(limit)
    .execute()

export const findMember = (db: Db, accountId: AccountId, userId: string) =>
  membersOf(db, accountId).where('memberships.userId', '=', userId).executeTakeFirst()

/** What each member is, by their id. */
export async function listRoles(systemDb: Db, accountId: AccountId): Promise<Map<string, Role>> {
  const rows = await systemDb.selectFrom('memberships').where('accountId', '=', accountId).select(['userId', 'role']).execute()
  return new Map(rows.map(({ userId, role }) => [userId, role as Role]))
}

export const updateRole = (systemDb: Db, accountId: AccountId, userId: string, role: Role) =>
  systemDb.updateTable('memberships').set({ role }).where('accountId', '=', accountId).where('userId', '=', userId).execute()

export const deleteMember = (systemDb: Db, accountId: AccountId, userId: string) =>
  systemDb.deleteFrom('memberships').where('accountId', '=', accountId).where('userId', '=', userId).execute()

/** Keys of the workspace that a person made, newest first. */
export const listKeysMadeBy = (systemDb: Db, accountId: AccountId, userId: string) =>
  systemDb
    .selectFrom('apiKeys')
    .where('agentId', 'is', null)
    .where('accountId', '=', accountId)
    .where('createdBy', '=', userId)
    .select(['id', 'name', 'preview as keyPreview'])
    .orderBy('createdAt', 'desc')
    .execute()

export const deleteKeysMadeBy = (systemDb: Db, accountId: AccountId, userId: string) =>
  systemDb.deleteFrom('apiKeys').where('accountId', '=', accountId).where('createdBy', '=', userId).where('agentId', 'is', null).execute()

/** Withdraws what a person invited others to, where that is one of these roles. */
export const deleteInvitationsBy = async (systemDb: Db, accountId: AccountId, userId: string, invitedTo: Role[]): Promise<void> => {
  if (invitedTo.length === 0) return
  await systemDb
    .deleteFrom('invitations')
    .where('accountId', '=', accountId)
    .where('invitedBy', '=', userId)
    .where('role', 'in', invitedTo)
    .execute()
}
