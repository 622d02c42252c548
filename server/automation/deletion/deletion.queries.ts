import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { removeInBatches, type AccountId, type Platform, type UserId } from '#server/platform/core/index.ts'

/** Days in which a deletion can be taken back. */
export const GRACE_DAYS = 7

const graceOf = (deletedAt: string) => sql<string>`${sql.ref(deletedAt)} + make_interval(days => ${GRACE_DAYS})`
const isInGrace = sql<boolean>`deleted_at > now() - make_interval(days => ${GRACE_DAYS})`
const isDue = sql<boolean>`deleted_at <= now() - make_interval(days => ${GRACE_DAYS})`

/** Closes a team. Returns undefined when it is closed already. */
export const closeTeam = (systemDb: Db, accountId: AccountId) =>
  systemDb
    .updateTable('accounts')
    .set({ deletedAt: sql<string>`now()` })
    .where('id', '=', accountId)
    .where('kind', '=', 'team')
    .where('deletedAt', 'is', null)
    .returning(['deletedAt', graceOf('deleted_at').as('erasedAt')])
    .executeTakeFirst()

/** Teams that a person owns and that are about to be erased. */
export const listClosedTeams = (systemDb: Db, userId: UserId) =>
  systemDb
    .selectFrom('accounts')
    .innerJoin('memberships', 'memberships.accountId', 'accounts.id')
    .where('memberships.userId', '=', userId)
    .where('memberships.role', '=', 'owner')
    .where('accounts.kind', '=', 'team')
    .where('accounts.erasedAt', 'is', null)
    .where(isInGrace)
    .select(['accounts.id', 'accounts.name', 'accounts.deletedAt', graceOf('accounts.deleted_at').as('erasedAt')])
    .orderBy('accounts.deletedAt', 'desc')
    .limit(100)
    .execute()

/** Opens a team again. Returns undefined unless it is closed, can be opened, and the person is an owner of it. */
export const reopenTeam = (systemDb: Db, userId: UserId, accountId: string) =>
  systemDb
    .updateTable('accounts')
    .from('memberships')
    .whereRef('memberships.accountId', '=', 'accounts.id')
    .where('memberships.userId', '=', userId)
    .where('memberships.role', '=', 'owner')
    .where('accounts.id', '=', accountId)
    .where('accounts.kind', '=', 'team')
    .where('accounts.erasedAt', 'is', null)
    .where(isInGrace)
    .set({ deletedAt: null })
    .returning(['accounts.id', 'accounts.name'])
    .executeTakeFirst()

/** Where the owners of a workspace can be reached. */
export const listOwners = (systemDb: Db, accountId: string) =>
  systemDb
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.userId')
    .where('memberships.accountId', '=', accountId)
    .where('memberships.role', '=', 'owner')
    .where('users.deletedAt', 'is', null)
    .select(['users.name', 'users.email'])
    .execute()

/** Open workspaces of a person and who else is in them, each locked until the transaction ends. */
export async function lockWorkspacesOf(systemDb: Db, userId: UserId) {
  // Nobody joins one that is locked like that. Who is in them is read in a statement of its own, so that it is as it stays.
  await sql`
    select id from accounts where deleted_at is null and id in (select account_id from memberships where user_id = ${userId})
    order by id for update`.execute(systemDb)
  return systemDb
    .selectFrom('accounts')
    .innerJoin('memberships', 'memberships.accountId', 'accounts.id')
    .where('memberships.userId', '=', userId)
    .where('accounts.deletedAt', 'is', null)
    .select([
      'accounts.id',
      'accounts.name',
      'accounts.kind',
      'memberships.role',
      'accounts.stripeSubscriptionId',
      'accounts.subscriptionStatus',
    ])
    .select(
      sql<number>`(select count(*) from memberships o where o.account_id = accounts.id and o.user_id <> ${userId})::int4`.as('others'),
    )
    .select(
      sql<number>`(select count(*) from memberships o where o.account_id = accounts.id and o.user_id <> ${userId} and o.role = 'owner')::int4`.as(
        'otherOwners',
      ),
    )
    .execute()
}

/** Deletes a person with the workspaces that are theirs alone, all at one moment. Returns undefined when they are deleted already. */
export async function closePerson(systemDb: Db, userId: UserId, accountIds: string[]) {
  const closed = await systemDb
    .updateTable('users')
    .set({ deletedAt: sql<string>`now()` })
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .returning(['name', 'email', graceOf('deleted_at').as('erasedAt')])
    .executeTakeFirst()
  if (!closed) return undefined
  await systemDb
    .updateTable('accounts')
    .set({ deletedAt: sql<string>`now()` })
    .where('id', '=', sql<string>`any(${accountIds})`)
    .execute()
  // Of teams with others they are out at once: somebody who may come back must not be the last owner of one.
  await sql`
    delete from memberships where user_id = ${userId} and account_id <> all(${accountIds})
      and account_id in (select id from accounts where deleted_at is null)`.execute(systemDb)
  await systemDb.deleteFrom('sessions').where('userId', '=', userId).execute()
  return closed
}

/** Takes back that a person was deleted. @returns the workspaces that went with them and are open again; undefined when it is too late. */
export async function reopenPerson(systemDb: Db, userId: string): Promise<string[] | undefined> {
  const person = await systemDb.selectFrom('users').where('id', '=', userId).where(isInGrace).select('id').forUpdate().executeTakeFirst()
  if (!person) return undefined
  // The moment is compared inside of the database, which has it more exactly than a text of it.
  const { rows } = await sql<{ id: string }>`
    update accounts set deleted_at = null from users
    where users.id = ${userId} and accounts.deleted_at = users.deleted_at and accounts.erased_at is null
      and accounts.id in (select account_id from memberships where user_id = ${userId})
    returning accounts.id`.execute(systemDb)
  await systemDb.updateTable('users').set({ deletedAt: null }).where('id', '=', userId).execute()
  return rows.map(({ id }) => id)
}

/** Deleted workspaces whose agents may still be up, oldest first. */
export const listClosedWithAgents = (systemDb: Db, statuses: readonly string[], limit: number) =>
  systemDb
    .selectFrom('accounts')
    .where('deletedAt', 'is not', null)
    .where('erasedAt', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('agents').whereRef('agents.accountId', '=', 'accounts.id').where('agents.status', 'in', statuses).select('agents.id'),
      ),
    )
    .select('id')
    .orderBy('deletedAt')
    .limit(limit)
    .execute()

/** Workspaces to be erased now. */
export const listDueWorkspaces = (systemDb: Db, limit: number) =>
  systemDb.selectFrom('accounts').where(isDue).where('erasedAt', 'is', null).select('id').orderBy('deletedAt').limit(limit).execute()

export const listAgentIds = async (systemDb: Db, accountId: string): Promise<string[]> =>
  (await systemDb.selectFrom('agents').where('accountId', '=', accountId).select('id').orderBy('id').execute()).map(({ id }) => id)

/** Removes the rows a workspace has in a table, a few at a time. */
export const eraseRows = (platform: Platform, table: string, accountId: string) =>
  removeInBatches(platform, table, sql`account_id = ${accountId}`)

/** Takes the workspace off its calls of the gateway, which stay for the books. */
export const unlinkGatewayCalls = (maintenanceDb: Db, accountId: string) =>
  maintenanceDb.updateTable('gatewayCalls').set({ accountId: null }).where('accountId', '=', accountId).execute()

/** Clears what a column says in the rows of a workspace that stay. */
export const clearColumn = (systemDb: Db, table: string, column: string, accountId: string) =>
  sql`update ${sql.table(table)} set ${sql.ref(column)} = '' where account_id = ${accountId}`.execute(systemDb)

/** Whether a table still has rows of a workspace, such as one that somebody was just working on. */
export async function hasRows(systemDb: Db, table: string, accountId: string): Promise<boolean> {
  const { rows } = await sql<{
    found: boolean
  }>`select exists (select from ${sql.table(table)} where account_id = ${accountId}) as found`.execute(systemDb)
  return rows[0]!.found
}

/** Notes that nothing is left in a workspace, and clears what its own row says. */
export const markErased = (systemDb: Db, accountId: string) =>
  systemDb
    .updateTable('accounts')
    .set({ name: 'Deleted workspace', plan: 'free', subscriptionStatus: 'none', stripeSubscriptionId: null, erasedAt: sql<string>`now()` })
    .where('id', '=', accountId)
    .where(isDue)
    .execute()

/** Removes people whose days are over and who have no workspace left that is still to be erased; all that is theirs goes with them. */
export const deleteDuePeople = (systemDb: Db) =>
  sql`
    delete from users where ${isDue} and not exists (
      select from memberships join accounts on accounts.id = memberships.account_id
      where memberships.user_id = users.id and accounts.erased_at is null)
    and not exists (select from accounts where accounts.id = users.personal_account_id and accounts.erased_at is null)`.execute(systemDb)
