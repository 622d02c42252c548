import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
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
