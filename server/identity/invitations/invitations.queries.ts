import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { removeInBatches, type AccountId, type Platform } from '#server/platform/core/index.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'

const invitationsOf = (db: Db, accountId: AccountId) => db.selectFrom('invitations').where('invitations.accountId', '=', accountId)

const shown = (db: Db, accountId: AccountId) =>
  invitationsOf(db, accountId)
    .leftJoin('users', 'users.id', 'invitations.invitedBy')
    .select(['invitations.id', 'invitations.email', 'invitations.role', 'users.name as invitedBy'])
    .select(['invitations.createdAt', 'invitations.expiresAt'])

/** In the order of their ids, which begin with the time. */
export const listInvitations = (db: Db, accountId: AccountId) => shown(db, accountId).orderBy('invitations.id').execute()

/** From behind the invitation `after`. */
export const listInvitationPage = (db: Db, accountId: AccountId, limit: number, after?: string) =>
  shown(db, accountId)
    .$if(after !== undefined, (query) => query.where('invitations.id', '>', after!))
    .orderBy('invitations.id')
    .limit(limit)
    .execute()

export const findInvitation = (db: Db, accountId: AccountId, id: string) =>
  shown(db, accountId).where('invitations.id', '=', id).executeTakeFirst()

export async function countInvitations(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await invitationsOf(db, accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** In any case of its letters. */
export const isMember = async (systemDb: Db, accountId: AccountId, email: string): Promise<boolean> =>
  (await systemDb
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.userId')
    .where('memberships.accountId', '=', accountId)
    .where(sql`lower(users.email)`, '=', email.toLowerCase())
    .select('users.id')
    .executeTakeFirst()) !== undefined

/** What makes its link good: anew each time it is sent. */
export interface LinkFacts {
  tokenHash: string
  isMailed: boolean
  days: number
}

interface NewInvitation extends LinkFacts {
  id: string
  email: string
  role: Role
  invitedBy: string | null
}

const afterDays = (days: number) => sql<string>`now() + make_interval(days => ${days})`

/** An invitation that is over makes way for a new one. @returns undefined when the address has one that is not. */
export const insertInvitation = (systemDb: Db, accountId: AccountId, { days, ...invitation }: NewInvitation) =>
  systemDb
    .insertInto('invitations')
    .values({ ...invitation, accountId, expiresAt: afterDays(days) })
    .onConflict((oc) =>
      oc
        .expression(sql`account_id, lower(email)`)
        .doUpdateSet((eb) => ({
          id: eb.ref('excluded.id'),
          email: eb.ref('excluded.email'),
          role: eb.ref('excluded.role'),
          tokenHash: eb.ref('excluded.tokenHash'),
          isMailed: eb.ref('excluded.isMailed'),
          invitedBy: eb.ref('excluded.invitedBy'),
          expiresAt: eb.ref('excluded.expiresAt'),
          createdAt: sql<string>`now()`,
        }))
        .where('invitations.expiresAt', '<=', sql<string>`now()`),
    )
    .returning('id')
    .executeTakeFirst()

export const findInvitationFor = (systemDb: Db, accountId: AccountId, email: string) =>
  invitationsOf(systemDb, accountId)
    .where(sql`lower(invitations.email)`, '=', email.toLowerCase())
    .select('invitations.id')
    .executeTakeFirst()

/** Gives it another link, and whom it comes from. */
export const renewInvitation = (
  systemDb: Db,
  accountId: AccountId,
  id: string,
  { days, ...link }: LinkFacts & { invitedBy: string | null },
) =>
  systemDb
    .updateTable('invitations')
    .set({ ...link, expiresAt: afterDays(days), createdAt: sql<string>`now()` })
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .execute()

export const deleteInvitation = (systemDb: Db, accountId: AccountId, id: string) =>
  systemDb.deleteFrom('invitations').where('accountId', '=', accountId).where('id', '=', id).returning('id').executeTakeFirst()

/** An invitation that is good, by its link. */
export const findByToken = (systemDb: Db, tokenHash: string) =>
  systemDb
    .selectFrom('invitations')
    .innerJoin('accounts', 'accounts.id', 'invitations.accountId')
    .leftJoin('users', 'users.id', 'invitations.invitedBy')
    .where('invitations.tokenHash', '=', tokenHash)
    .where('invitations.expiresAt', '>', sql<string>`now()`)
    .where('accounts.suspendedAt', 'is', null)
    .where('accounts.deletedAt', 'is', null)
    .select(['invitations.accountId', 'accounts.name as workspaceName', 'invitations.email', 'invitations.role', 'users.name as invitedBy'])
    .select('invitations.expiresAt')
    .executeTakeFirst()

/** Uses an invitation up: of any number of callers one gets it. */
export const takeByToken = (systemDb: Db, tokenHash: string) =>
  systemDb
    .deleteFrom('invitations')
    .using('accounts')
    .whereRef('accounts.id', '=', 'invitations.accountId')
    .where('accounts.suspendedAt', 'is', null)
    .where('accounts.deletedAt', 'is', null)
    .where('invitations.tokenHash', '=', tokenHash)
    .where('invitations.expiresAt', '>', sql<string>`now()`)
    .returning([
      'accounts.id',
      'accounts.name',
      'accounts.kind',
      'accounts.createdAt',
      'invitations.email',
      'invitations.role',
      'invitations.isMailed',
    ])
    .executeTakeFirst()

/** Those nobody has sent anew for a month. */
export const deleteOldInvitations = (platform: Platform) =>
  removeInBatches(platform, 'invitations', sql`expires_at < now() - interval '30 days'`)
