import { forgetKeysOf } from '../auth/index.ts'
import { requireTeam } from '../workspaces/index.ts'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import { accountOf, Forbidden, inTransaction, noteAudit, type AccountContext, type SessionContext } from '#server/platform/core/index.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import type { ChangeRole, KeysDecision, LeaveWorkspace, Member, RemoveMember, TransferOwnership } from './members.contract.ts'
import { KeysNeedDecision } from './members.errors.ts'
import * as queries from './members.queries.ts'
import { checkChange, notGrantedBy, type Changer, type MemberChange } from './members.rules.ts'

type MemberRow = NonNullable<Awaited<ReturnType<typeof queries.findMember>>>
const toMember = ({ keyCount, ...row }: MemberRow): Member => ({ ...row, keyCount: keyCount ?? 0, role: row.role as Role })

/** Members of the workspace, in the order they came. */
export const listMembers = async (ctx: AccountContext): Promise<Member[]> =>
  (await queries.listMembers(ctx.db, accountOf(ctx))).map(toMember)

/** A page of them. */
export async function listMemberPage(
  ctx: AccountContext,
  _input: object,
  { after, limit }: Slice<PlaceByTime>,
): Promise<Entry<Member, PlaceByTime>[]> {
  const rows = await queries.listMemberPage(ctx.db, accountOf(ctx), limit, after)
  return rows.map(({ place, ...row }) => ({ node: toMember(row), place: [place, row.userId] }))
}

/** How many there are. */
export const countMembers = async (ctx: AccountContext): Promise<number> => (await queries.listRoles(ctx.db, accountOf(ctx))).size

/** What a member is now, for the audit log. */
export const roleOf = async (ctx: AccountContext, { userId }: ChangeRole): Promise<{ role: string | undefined }> => ({
  role: (await queries.findMember(ctx.platform.databases.system, accountOf(ctx), userId))?.role,
})

/**
 * Makes a member something else.
 *
 * @throws TeamRequired; MemberNotFound, RoleTooHigh, LastOwner; KeysNeedDecision where somebody with keys is to be a viewer, who
 *   could not make any.
 */
export async function changeRole(ctx: AccountContext, { userId, role, keys }: ChangeRole): Promise<Member> {
  await change(ctx, { userId, to: role }, keys)
  return toMember((await queries.findMember(ctx.platform.databases.system, accountOf(ctx), userId))!)
}

/**
 * Takes somebody out of the workspace: at once their sessions are back in their personal workspace, and what they watch ends.
 *
 * @throws TeamRequired; MemberNotFound, RoleTooHigh, LastOwner, KeysNeedDecision
 */
export async function removeMember(ctx: AccountContext, { userId, keys }: RemoveMember): Promise<{ success: true }> {
  await change(ctx, { userId, to: undefined }, keys)
  return { success: true }
}

/** The caller goes. @throws TeamRequired; LastOwner, KeysNeedDecision */
export async function leaveWorkspace(ctx: SessionContext, { keys }: LeaveWorkspace): Promise<{ success: true }> {
  const { id, name } = ctx.actor.user
  // It concerns the team, which would not read the log of the person's own workspace.
  noteAudit(ctx, { accountId: accountOf(ctx), targets: [{ type: 'user', id, name }] })
  await change(ctx, { userId: id, to: undefined }, keys)
  return { success: true }
}

/** Makes somebody else an owner, and the caller an admin, in one step. @throws TeamRequired; MemberNotFound */
export async function transferOwnership(ctx: SessionContext, { userId }: TransferOwnership): Promise<Member> {
  requireTeam(ctx)
  const accountId = accountOf(ctx)
  const caller = ctx.actor.user.id
  const { system } = ctx.platform.databases
  await inTransaction(system, async (db) => {
    const members = await lockMembers(db, ctx)
    checkChange(members, changerOf(ctx, members), { userId, to: 'owner' })
    await queries.updateRole(db, accountId, userId, 'owner')
    if (userId === caller) return
    await queries.updateRole(db, accountId, caller, 'admin')
    await queries.deleteInvitationsBy(db, accountId, caller, notGrantedBy('admin'))
  })
  return toMember((await queries.findMember(system, accountId, userId))!)
}

async function change(ctx: AccountContext, memberChange: MemberChange, keys: KeysDecision | undefined): Promise<void> {
  requireTeam(ctx)
  const accountId = accountOf(ctx)
  const { userId, to } = memberChange
  await inTransaction(ctx.platform.databases.system, async (db) => {
    const members = await lockMembers(db, ctx)
    const from = checkChange(members, changerOf(ctx, members), memberChange)
    if (to === from) return
    if (to === undefined || to === 'viewer') await decideOnKeys(db, ctx, userId, keys)
    await (to === undefined ? queries.deleteMember(db, accountId, userId) : queries.updateRole(db, accountId, userId, to))
    await queries.deleteInvitationsBy(db, accountId, userId, notGrantedBy(to))
  })
  forgetKeysOf(ctx.platform, accountId)
}

/** Who changes members waits for the others who do, and sees what they made of them. */
export async function lockMembers(systemDb: Db, ctx: AccountContext): Promise<Map<string, Role>> {
  await lockAccount(systemDb, accountOf(ctx))
  return queries.listRoles(systemDb, accountOf(ctx))
}

/** Who calls, as they are now: their role may have changed since the call began. A key changes members as an admin does. */
export function changerOf({ actor }: AccountContext, members: ReadonlyMap<string, Role>): Changer {
  if (actor.kind !== 'session') return { userId: undefined, role: 'admin' }
  const role = members.get(actor.user.id)
  if (role === undefined) throw new Forbidden('ROLE_REQUIRED', 'You are no longer in this workspace.')
  return { userId: actor.user.id, role }
}

/** @throws KeysNeedDecision */
async function decideOnKeys(db: Db, ctx: AccountContext, userId: string, decision: KeysDecision | undefined): Promise<void> {
  const found = await queries.listKeysMadeBy(db, accountOf(ctx), userId)
  if (found.length === 0) return
  if (decision === undefined) throw new KeysNeedDecision(found)
  if (decision === 'delete') await queries.deleteKeysMadeBy(db, accountOf(ctx), userId)
}
