import { chooseWorkspaceOfSession, forgetKeysOf, stayInWorkspace, WorkspaceNotFound } from '../auth/index.ts'
import type { Db } from '#db/client.ts'
import { TRIAL_DAYS } from '#server/money/billing/index.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import {
  accountOf,
  hasScope,
  inTransaction,
  newId,
  randomSuffix,
  type AccountContext,
  type Env,
  type SessionContext,
} from '#server/platform/core/index.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'
import { scopes } from '#server/platform/core/scopes.contract.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import type { ChooseWorkspace, CreateWorkspace, CurrentWorkspace, RenameWorkspace, TurnIntoTeam, Workspace } from './workspaces.contract.ts'
import { NamedAfterPerson, TeamAlready, TeamRequired, TooManyWorkspaces } from './workspaces.errors.ts'
import * as queries from './workspaces.queries.ts'

const MAX_WORKSPACES = 100

const newReferralCode = (): string => randomSuffix(8).toUpperCase()

/** Makes the workspace of a person who is being made, with its trial. It has no member yet. */
export const createPersonalWorkspace = (systemDb: Db, id: string, name: string) =>
  queries.insertWorkspace(systemDb, { id, kind: 'personal', name, referralCode: newReferralCode(), trialDays: TRIAL_DAYS })

/** Makes a person who is being made a member of the team that everybody on this server is in, where there is one (`SIGNUP_WORKSPACE`). */
export async function joinSignupWorkspace({ SIGNUP_WORKSPACE }: Env, systemDb: Db, userId: string): Promise<void> {
  if (SIGNUP_WORKSPACE) await queries.joinTeam(systemDb, { ...SIGNUP_WORKSPACE, userId })
}

/**
 * Makes somebody a member of a team that is open; who is one stays what they are.
 *
 * @param systemDb A transaction.
 * @returns what they are in it.
 * @throws TooManyWorkspaces
 */
export async function joinWorkspace(systemDb: Db, membership: { accountId: string; userId: string; role: Role }): Promise<Role> {
  const { userId, accountId, role } = membership
  const earlier = await queries.findWorkspaceOf(systemDb, userId, accountId)
  if (earlier) return earlier.role as Role
  await requireRoom(systemDb, userId)
  await queries.joinTeam(systemDb, membership)
  return role
}

/** @throws TooManyWorkspaces */
async function requireRoom(systemDb: Db, userId: string): Promise<void> {
  if ((await queries.lockWorkspaceCount(systemDb, userId)) >= MAX_WORKSPACES) throw new TooManyWorkspaces(MAX_WORKSPACES)
}

/** @throws TeamRequired */
export function requireTeam({ actor }: AccountContext): void {
  if (actor.account.kind !== 'team') throw new TeamRequired()
}

export const toWorkspace = (row: { id: string; name: string; kind: string; role: string | null; createdAt: string }): Workspace => ({
  ...row,
  kind: row.kind as Workspace['kind'],
  role: row.role as Role | null,
})

const ownWorkspace = ({ actor }: AccountContext): Workspace => {
  const { id, name, kind, createdAt } = actor.account
  return { id, name, kind, role: actor.kind === 'session' ? actor.role : null, createdAt }
}

/** Workspaces of the caller, in the order they came to them; of a key the one it belongs to. */
export async function listWorkspaces(ctx: AccountContext): Promise<Workspace[]> {
  if (ctx.actor.kind !== 'session') return [ownWorkspace(ctx)]
  return (await queries.listWorkspaces(ctx.platform.databases.system, ctx.actor.user.id)).map(toWorkspace)
}

/** A page of them. */
export async function listWorkspacePage(
  ctx: AccountContext,
  _input: object,
  { after, limit }: Slice<PlaceByTime>,
): Promise<Entry<Workspace, PlaceByTime>[]> {
  if (ctx.actor.kind !== 'session') {
    const workspace = ownWorkspace(ctx)
    return after || limit === 0 ? [] : [{ node: workspace, place: [workspace.createdAt, workspace.id] }]
  }
  const rows = await queries.listWorkspacePage(ctx.platform.databases.system, ctx.actor.user.id, limit, after)
  return rows.map(({ place, ...row }) => ({ node: toWorkspace(row), place: [place, row.id] }))
}

/** How many there are. */
export const countWorkspaces = async (ctx: AccountContext): Promise<number> =>
  ctx.actor.kind === 'session' ? queries.countWorkspaces(ctx.platform.databases.system, ctx.actor.user.id) : 1

/** The workspace of the call, and what the caller may do in it. */
export const getCurrentWorkspace = async (ctx: AccountContext): Promise<CurrentWorkspace> => ({
  ...ownWorkspace(ctx),
  scopes: scopes.filter((scope) => hasScope(ctx.actor, scope)),
  memberCount: await queries.countMembers(ctx.db, accountOf(ctx)),
})

/** Makes a team with the caller as its owner. It has no trial: a person has one. @throws TooManyWorkspaces */
export async function createTeam(ctx: SessionContext, { name }: CreateWorkspace): Promise<Workspace> {
  const { actor, attempt, platform } = ctx
  const userId = actor.user.id
  const before = attempt?.stored && (await queries.findWorkspaceOf(platform.databases.system, userId, attempt.stored))
  if (before) return toWorkspace(before)
  const id = newId('workspace')
  await inTransaction(platform.databases.system, async (db) => {
    await requireRoom(db, userId)
    await queries.insertWorkspace(db, { id, kind: 'team', name, referralCode: newReferralCode(), trialDays: null })
    await queries.insertMembership(db, { accountId: id, userId, role: 'owner' })
    await attempt?.note(db, id)
  })
  return { id, name, kind: 'team', role: 'owner', createdAt: new Date().toISOString() }
}

/** What the workspace is called now, for the audit log. */
export const nameOf = async ({ actor }: AccountContext): Promise<{ name: string }> => ({ name: actor.account.name })

/** @throws NamedAfterPerson for a personal workspace. */
export async function renameTeam(ctx: AccountContext, { name }: RenameWorkspace): Promise<Workspace> {
  const row = await queries.renameTeam(ctx.platform.databases.system, accountOf(ctx), name)
  if (!row) throw new NamedAfterPerson()
  forgetKeysOf(ctx.platform, accountOf(ctx))
  return toWorkspace({ ...row, role: ownWorkspace(ctx).role })
}

/**
 * Makes a team of the caller's personal workspace without moving a row of it, and a new personal workspace for them.
 * Sessions that were in it go on in it, and so do its keys.
 *
 * @throws TeamAlready
 */
export async function turnIntoTeam(ctx: SessionContext, { name }: TurnIntoTeam): Promise<Workspace> {
  const { account, user } = ctx.actor
  const team = await inTransaction(ctx.platform.databases.system, async (db) => {
    await lockAccount(db, account.id)
    await requireRoom(db, user.id)
    const row = await queries.makeTeam(db, account.id, name)
    if (!row) throw new TeamAlready()
    const id = newId('workspace')
    await queries.insertWorkspace(db, { id, kind: 'personal', name: user.name, referralCode: newReferralCode(), trialDays: null })
    await queries.insertMembership(db, { accountId: id, userId: user.id, role: 'owner' })
    await queries.setPersonalWorkspace(db, user.id, id)
    await stayInWorkspace(db, user.id, account.id)
    return row
  })
  forgetKeysOf(ctx.platform, account.id)
  return toWorkspace({ ...team, role: 'owner' })
}

/** Has calls with the session's cookie that name no workspace made in this one. @throws WorkspaceNotFound */
export async function chooseWorkspace(ctx: SessionContext, { workspaceId }: ChooseWorkspace): Promise<Workspace> {
  const { session, user } = ctx.actor
  const { system } = ctx.platform.databases
  const workspace = await queries.findWorkspaceOf(system, user.id, workspaceId)
  if (!workspace) throw new WorkspaceNotFound()
  await chooseWorkspaceOfSession(system, session.token, workspaceId === user.personalAccountId ? null : workspaceId)
  return toWorkspace(workspace)
}
