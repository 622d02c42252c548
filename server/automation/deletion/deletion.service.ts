import { dropOneTimeTokens, endSessions, forgetKeysOf, issueOneTimeToken, takeOneTimeToken } from '#server/identity/auth/index.ts'
import {
  accountOf,
  type Context,
  InvalidInput,
  inTransaction,
  noteAudit,
  type Platform,
  type SessionContext,
  userOf,
} from '#server/platform/core/index.ts'
import { stopAgentsOf } from './agents.service.ts'
import type {
  DeletedUser,
  DeletedWorkspace,
  DeleteWorkspace,
  RestoredWorkspace,
  RestoreUser,
  RestoreWorkspace,
} from './deletion.contract.ts'
import { HandOverFirst, NothingToRestore, PersonalWorkspace, SubscriptionRunning, WorkspaceNotDeleted } from './deletion.errors.ts'
import * as letters from './deletion.letters.ts'
import * as queries from './deletion.queries.ts'

const RESTORE_USER = 'restore_user'
const DAY_SECONDS = 86_400

/**
 * Deletes the team the call is made in: from now on nobody gets in, its keys are refused and its agents stop. Everything in it is
 * erased after some days in which an owner can take it back.
 *
 * @throws PersonalWorkspace; InvalidInput for another name than its own; SubscriptionRunning
 */
export async function deleteWorkspace(ctx: SessionContext, { name }: DeleteWorkspace): Promise<DeletedWorkspace> {
  const { account } = ctx.actor
  const { system } = ctx.platform.databases
  if (account.kind === 'personal') throw new PersonalWorkspace()
  if (name !== account.name) throw new InvalidInput([{ field: 'name', message: `expected the name of this workspace, "${account.name}"` }])
  requireNoSubscription(account)
  const closed = await inTransaction(system, async (db) => {
    const closed = await queries.closeTeam(db, account.id)
    if (!closed) return undefined
    for (const owner of await queries.listOwners(db, account.id))
      await letters.sendWorkspaceDeleted(
        ctx.platform,
        owner,
        { name: account.name, by: ctx.actor.user.name, erasedAt: closed.erasedAt },
        db,
      )
    return closed
  })
  // Another call was first: the workspace is as good as not there.
  if (!closed) throw new WorkspaceNotDeleted()
  await shutDown(ctx.platform, [accountOf(ctx)])
  return { id: account.id, name: account.name, deletedAt: closed.deletedAt!, erasedAt: closed.erasedAt }
}

/** Deleted workspaces the person owns that can still be taken back. */
export async function listDeletedWorkspaces(ctx: SessionContext): Promise<DeletedWorkspace[]> {
  const rows = await queries.listClosedTeams(ctx.platform.databases.system, userOf(ctx))
  return rows.map(({ deletedAt, ...row }) => ({ ...row, deletedAt: deletedAt! }))
}

/** Takes the deletion of a workspace back. Its agents stay as they are: stopped. @throws WorkspaceNotDeleted */
export async function restoreWorkspace(ctx: SessionContext, { workspaceId }: RestoreWorkspace): Promise<RestoredWorkspace> {
  const restored = await queries.reopenTeam(ctx.platform.databases.system, userOf(ctx), workspaceId)
  if (!restored) throw new WorkspaceNotDeleted()
  forgetKeysOf(ctx.platform, workspaceId)
  noteAudit(ctx, { accountId: workspaceId, targets: [{ type: 'workspace', ...restored }] })
  return restored
}

/**
 * Deletes the person who calls, with the workspaces nobody else is in: their sessions and keys end at once, they are out of all
 * other workspaces, and everything that is theirs is erased after some days in which it can be taken back. What they made in
 * other workspaces stays there.
 *
 * @throws HandOverFirst where they are the only owner of a workspace with others in it; SubscriptionRunning
 */
export async function deleteUser(ctx: SessionContext): Promise<DeletedUser> {
  const { platform } = ctx
  const userId = userOf(ctx)
  const { closed, restoreToken, accountIds } = await inTransaction(platform.databases.system, async (db) => {
    const workspaces = await queries.lockWorkspacesOf(db, userId)
    const orphaned = workspaces.filter(({ role, others, otherOwners }) => role === 'owner' && others > 0 && otherOwners === 0)
    if (orphaned.length > 0) throw new HandOverFirst(orphaned.map(({ id, name }) => ({ id, name })))
    const theirs = workspaces.filter(({ others }) => others === 0)
    theirs.forEach(requireNoSubscription)
    const accountIds = theirs.map(({ id }) => id)
    const closed = await queries.closePerson(db, userId, accountIds)
    if (!closed) throw new NothingToRestore()
    await dropOneTimeTokens(db, RESTORE_USER, userId)
    const restoreToken = await issueOneTimeToken(db, { purpose: RESTORE_USER, userId, seconds: queries.GRACE_DAYS * DAY_SECONDS })
    await letters.sendUserDeleted(platform, closed, { restoreToken, erasedAt: closed.erasedAt }, db)
    return { closed, restoreToken, accountIds }
  })
  ctx.reply.cookies.push(await endSessions(platform, ctx.sessionTokens ?? []))
  await shutDown(platform, accountIds)
  return { erasedAt: closed.erasedAt, restoreToken }
}

/** Takes the deletion of a person back, with the workspaces that went with them. Sign in again afterwards. @throws NothingToRestore */
export async function restoreUser(ctx: Context, { token }: RestoreUser): Promise<{ success: true }> {
  const { platform } = ctx
  const { userId, accountIds } = await inTransaction(platform.databases.system, async (db) => {
    const taken = await takeOneTimeToken(db, RESTORE_USER, token)
    const restored = taken?.userId ? await queries.reopenPerson(db, taken.userId) : undefined
    if (!taken?.userId || !restored) throw new NothingToRestore()
    return { userId: taken.userId, accountIds: restored }
  })
  for (const id of accountIds) forgetKeysOf(platform, id)
  const [first, ...others] = accountIds
  const alsoIn = others.map((accountId) => ({ accountId }))
  if (first) noteAudit(ctx, { accountId: first, alsoIn, targets: [{ type: 'user', id: userId }] })
  return { success: true }
}

const RUNNING: readonly string[] = ['active', 'trialing', 'past_due']

/** Nobody would get in to cancel it. @throws SubscriptionRunning */
function requireNoSubscription(workspace: {
  id: string
  name: string
  stripeSubscriptionId: string | null
  subscriptionStatus: string
}): void {
  if (workspace.stripeSubscriptionId !== null && RUNNING.includes(workspace.subscriptionStatus)) throw new SubscriptionRunning(workspace)
}

/** Has keys looked up again and agents stopped. An agent that takes its time to stop is not waited for. */
async function shutDown(platform: Platform, accountIds: string[]): Promise<void> {
  for (const id of accountIds) forgetKeysOf(platform, id)
  void Promise.all(accountIds.map((id) => stopAgentsOf(platform, id))).catch((error: unknown) =>
    platform.log.error({ err: error }, 'could not stop the agents of a deleted workspace yet'),
  )
}
