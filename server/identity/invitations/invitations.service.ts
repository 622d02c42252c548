import { randomBytes } from 'node:crypto'
import { sendMail } from '#server/integrations/mail/index.ts'
import type { Db } from '#db/client.ts'
import {
  accountOf,
  inTransaction,
  newId,
  noteAudit,
  sha256,
  type AccountContext,
  type Context,
  type Platform,
  type SessionContext,
} from '#server/platform/core/index.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'
import type { Entry, PlaceById, Slice } from '#server/platform/operations/index.ts'
import { changerOf, lockMembers, mayGrant, RoleTooHigh } from '../members/index.ts'
import { lockUser, markMailboxProved } from '../users/index.ts'
import { joinWorkspace, requireTeam, toWorkspace } from '../workspaces/index.ts'
import type {
  CreateInvitation,
  Invitation,
  InvitationRef,
  InvitationSent,
  InvitationToken,
  InvitationView,
  Workspace,
} from './invitations.contract.ts'
import { ForAnotherAddress, InvitationNotFound, InvitedAlready, MemberAlready, TooManyInvitations } from './invitations.errors.ts'
import { invitationLetter } from './invitation-letter.ts'
import * as queries from './invitations.queries.ts'
import { isSameAddress, maskEmail } from './invitations.rules.ts'

const DAYS = 7
const MAX_INVITATIONS = 100

type InvitationRow = NonNullable<Awaited<ReturnType<typeof queries.findInvitation>>>
const toInvitation = (row: InvitationRow): Invitation => ({ ...row, role: row.role as Role })

/** Open invitations, oldest first; those that are over are among them for a month. */
export const listInvitations = async (ctx: AccountContext): Promise<Invitation[]> =>
  (await queries.listInvitations(ctx.db, accountOf(ctx))).map(toInvitation)

/** A page of them. */
export async function listInvitationPage(
  ctx: AccountContext,
  _input: object,
  { after, limit }: Slice<PlaceById>,
): Promise<Entry<Invitation, PlaceById>[]> {
  const rows = await queries.listInvitationPage(ctx.db, accountOf(ctx), limit, after?.[0])
  return rows.map((row) => ({ node: toInvitation(row), place: [row.id] }))
}

/** How many there are. */
export const countInvitations = (ctx: AccountContext): Promise<number> => queries.countInvitations(ctx.db, accountOf(ctx))

/**
 * Invites somebody to the team. The link goes to them by mail, and to nobody else; a server without SMTP shows it to the caller.
 *
 * @throws TeamRequired; RoleTooHigh, MemberAlready, InvitedAlready, TooManyInvitations
 */
export async function createInvitation(ctx: AccountContext, { email, role }: CreateInvitation): Promise<InvitationSent> {
  requireTeam(ctx)
  const accountId = accountOf(ctx)
  return inTransaction(ctx.platform.databases.system, async (db) => {
    await requireGrant(db, ctx, role)
    if (await queries.isMember(db, accountId, email)) throw new MemberAlready()
    if ((await queries.countInvitations(db, accountId)) >= MAX_INVITATIONS) throw new TooManyInvitations(MAX_INVITATIONS)
    const link = newLink(ctx.platform)
    const id = newId('invitation')
    if (!(await queries.insertInvitation(db, accountId, { id, email, role, invitedBy: personIn(ctx), ...link.facts })))
      throw new InvitedAlready((await queries.findInvitationFor(db, accountId, email))!.id)
    return send(db, ctx, id, link)
  })
}

/** Makes a new link, which the one before gives way to. @throws TeamRequired; RoleTooHigh, InvitationNotFound */
export async function resendInvitation(ctx: AccountContext, { invitationId }: InvitationRef): Promise<InvitationSent> {
  requireTeam(ctx)
  return inTransaction(ctx.platform.databases.system, async (db) => {
    const invitation = await queries.findInvitation(db, accountOf(ctx), invitationId)
    if (!invitation) throw new InvitationNotFound()
    await requireGrant(db, ctx, invitation.role as Role)
    const link = newLink(ctx.platform)
    await queries.renewInvitation(db, accountOf(ctx), invitationId, { invitedBy: personIn(ctx), ...link.facts })
    return send(db, ctx, invitationId, link)
  })
}

/** Its link ceases to work. @throws RoleTooHigh, InvitationNotFound */
export async function revokeInvitation(ctx: AccountContext, { invitationId }: InvitationRef): Promise<{ success: true }> {
  return inTransaction(ctx.platform.databases.system, async (db) => {
    const invitation = await queries.findInvitation(db, accountOf(ctx), invitationId)
    if (!invitation) throw new InvitationNotFound()
    await requireGrant(db, ctx, invitation.role as Role)
    if (!(await queries.deleteInvitation(db, accountOf(ctx), invitationId))) throw new InvitationNotFound()
    return { success: true }
  })
}

/** What an invitation is for, for whoever has its link; it stays good. @throws InvitationNotFound */
export async function lookAtInvitation({ platform }: Context, { token }: InvitationToken): Promise<InvitationView> {
  const row = await queries.findByToken(platform.databases.system, sha256(token))
  if (!row) throw new InvitationNotFound()
  const { accountId, workspaceName, email, role, invitedBy, expiresAt } = row
  return { workspace: { id: accountId, name: workspaceName }, email: maskEmail(email), role: role as Role, invitedBy, expiresAt }
}

/** Makes the caller a member of the team. Who is one stays what they are. @throws InvitationNotFound, ForAnotherAddress, TooManyWorkspaces */
export async function acceptInvitation(ctx: SessionContext, { token }: InvitationToken): Promise<Workspace> {
  const { id, name } = ctx.actor.user
  const team = await inTransaction(ctx.platform.databases.system, (db) => joinByInvitation(ctx.platform, db, id, token))
  noteAudit(ctx, { accountId: team.id, targets: [{ type: 'user', id, name }], changes: { role: { after: team.role } } })
  return team
}

/**
 * Makes somebody a member by the link they have. One that was mailed also proves that the mailbox is theirs.
 *
 * @param systemDb A transaction: an invitation that was refused stays good.
 * @throws InvitationNotFound, ForAnotherAddress, TooManyWorkspaces
 */
export async function joinByInvitation(platform: Platform, systemDb: Db, userId: string, token: string): Promise<Workspace> {
  const invitation = await queries.takeByToken(systemDb, sha256(token))
  if (!invitation) throw new InvitationNotFound()
  const { email, isMailed, role, ...workspace } = invitation
  // Locked: what is proved below is the address they have then.
  const user = await lockUser(systemDb, userId)
  if (!user?.email || !isSameAddress(user.email, email)) throw new ForAnotherAddress(maskEmail(email))
  const membership = await joinWorkspace(systemDb, { accountId: workspace.id, userId, role: role as Role })
  if (isMailed) await markMailboxProved(platform, systemDb, userId)
  return toWorkspace({ ...workspace, role: membership })
}

/** Whether a link is good, and for this address; for who has yet to register with it. @throws InvitationNotFound, ForAnotherAddress */
export async function checkInvitation(platform: Platform, token: string, email: string): Promise<void> {
  const invitation = await queries.findByToken(platform.databases.system, sha256(token))
  if (!invitation) throw new InvitationNotFound()
  if (!isSameAddress(invitation.email, email)) throw new ForAnotherAddress(maskEmail(invitation.email))
}

/** @throws RoleTooHigh for a role the caller could not give. */
async function requireGrant(systemDb: Db, ctx: AccountContext, role: Role): Promise<void> {
  const changer = changerOf(ctx, await lockMembers(systemDb, ctx))
  if (!mayGrant(changer.role, role)) throw new RoleTooHigh(changer.role, role)
}

const personIn = ({ actor }: AccountContext): string | null => (actor.kind === 'session' ? actor.user.id : null)

interface Link {
  url: string
  facts: queries.LinkFacts
}

/** The token is behind the `#`, which browsers send to nobody. */
function newLink({ env }: Platform): Link {
  const token = randomBytes(32).toString('base64url')
  return {
    url: new URL(`/invitation#${token}`, env.APP_URL).href,
    facts: { tokenHash: sha256(token), isMailed: env.SMTP_URL !== undefined, days: DAYS },
  }
}

async function send(systemDb: Db, ctx: AccountContext, id: string, { url, facts }: Link): Promise<InvitationSent> {
  const invitation = toInvitation((await queries.findInvitation(systemDb, accountOf(ctx), id))!)
  const letter = invitationLetter({ ...invitation, workspace: ctx.actor.account.name, link: url, days: DAYS })
  await sendMail(ctx.platform, { to: { name: '', address: invitation.email }, letter, until: invitation.expiresAt }, systemDb)
  return { ...invitation, link: facts.isMailed ? null : url }
}

export const forgetOldInvitations = queries.deleteOldInvitations
