import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { accountColumns } from '#server/platform/account/index.ts'
import { removeInBatches, type Platform } from '#server/platform/core/index.ts'

const userColumns = [
  'users.id as userId',
  'users.email as userEmail',
  'users.name as userName',
  'users.emailVerifiedAt as userVerifiedAt',
  'users.personalAccountId',
] as const

const sessionColumns = [
  'sessions.id as tokenHash',
  'sessions.publicId',
  'sessions.method',
  'sessions.authenticatedAt',
  'sessions.secondFactor',
  'sessions.lastSeenAt',
  'sessions.expiresAt',
  'sessions.createdAt as beganAt',
] as const

const accessColumns = [...accountColumns, 'memberships.role'] as const

/** The session with its person and the workspace it is in: the one last chosen, or the personal one. */
export const findSession = (systemDb: Db, tokenHash: string) =>
  systemDb
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.userId')
    .innerJoin('accounts', (join) => join.on('accounts.id', '=', sql`coalesce(sessions.account_id, users.personal_account_id)`))
    .innerJoin('memberships', (join) =>
      join.onRef('memberships.accountId', '=', 'accounts.id').onRef('memberships.userId', '=', 'users.id'),
    )
    .leftJoin('users as owner', 'owner.personalAccountId', 'accounts.id')
    .where('sessions.id', '=', tokenHash)
    .where('users.suspendedAt', 'is', null)
    .where('users.deletedAt', 'is', null)
    .select([...accessColumns, ...userColumns, ...sessionColumns])
    .select(sql<boolean>`(accounts.suspended_at is not null or accounts.deleted_at is not null)`.as('isAccountClosed'))
    .executeTakeFirst()

/** Another workspace a person is a member of. */
export const findMembership = (systemDb: Db, accountId: string, userId: string) =>
  systemDb
    .selectFrom('memberships')
    .innerJoin('accounts', 'accounts.id', 'memberships.accountId')
    .leftJoin('users as owner', 'owner.personalAccountId', 'accounts.id')
    .where('memberships.accountId', '=', accountId)
    .where('memberships.userId', '=', userId)
    .select(accessColumns)
    .select(sql<boolean>`(accounts.suspended_at is not null or accounts.deleted_at is not null)`.as('isAccountClosed'))
    .executeTakeFirst()

export const listSessions = (systemDb: Db, userId: string) =>
  systemDb.selectFrom('sessions').where('userId', '=', userId).select(['id', 'userId', 'expiresAt']).execute()

interface NewSession {
  id: string
  publicId: string
  userId: string
  expiresAt: string
  method: string
  secondFactor: boolean
  ip: string
  userAgent: string | null
}

export const insertSession = (systemDb: Db, session: NewSession) => systemDb.insertInto('sessions').values(session).execute()

/** @param maxDays From the beginning of the session: it ends then in any case. */
export const updateSessionExpiry = (systemDb: Db, id: string, expiresAt: string, maxDays: number) =>
  systemDb
    .updateTable('sessions')
    .set({ expiresAt: sql<string>`least(${expiresAt}::timestamptz, created_at + make_interval(days => ${maxDays}))` })
    .where('id', '=', id)
    .execute()

/** Writes down that the session was used, and from where; of calls at the same moment one writes. */
export const touchSession = (systemDb: Db, id: string, seen: { ip: string; userAgent: string | null }) =>
  systemDb
    .updateTable('sessions')
    .set({ ...seen, lastSeenAt: sql<string>`now()` })
    .where('id', '=', id)
    .where('lastSeenAt', '<', sql<string>`now() - interval '5 minutes'`)
    .execute()

/** @param accountId Null for the personal workspace. */
export const updateSessionWorkspace = (systemDb: Db, id: string, accountId: string | null) =>
  systemDb.updateTable('sessions').set({ accountId }).where('id', '=', id).execute()

/** Sessions of a person that have chosen no workspace, and so are in the personal one, choose this one. */
export const chooseWorkspaceWhereNone = (systemDb: Db, userId: string, accountId: string) =>
  systemDb.updateTable('sessions').set({ accountId }).where('userId', '=', userId).where('accountId', 'is', null).execute()

export const deleteSession = (systemDb: Db, id: string) => systemDb.deleteFrom('sessions').where('id', '=', id).execute()

export const deleteSessionsOf = (systemDb: Db, userId: string, exceptId?: string) =>
  systemDb
    .deleteFrom('sessions')
    .where('userId', '=', userId)
    .$if(exceptId !== undefined, (query) => query.where('id', '!=', exceptId!))
    .execute()

export const deleteExpiredSessions = (platform: Platform) => removeInBatches(platform, 'sessions', sql`expires_at <= now()`)

export type SessionRow = NonNullable<Awaited<ReturnType<typeof findSession>>>
