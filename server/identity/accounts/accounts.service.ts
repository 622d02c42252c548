import type { Db } from '#db/client.ts'
import { completeSignIn, endSessions, endSessionsOf, forgetKeysOf, hashPassword, verifyPassword } from '../auth/index.ts'
import { BotDetected, screenForBots } from '../bots/index.ts'
import { checkInvitation, joinByInvitation } from '../invitations/index.ts'
import { askToVerify, followAddressChange, pageOf, passwordChangedLetter } from '../mailbox/index.ts'
import {
  checkSignUp,
  EmailTaken,
  findPasswordHash,
  findUser,
  findUserByEmail,
  lockUser,
  signUp,
  markMailboxProved,
  updateUser,
  upsertPassword,
} from '../users/index.ts'
import { renamePersonalWorkspace } from '../workspaces/index.ts'
import { hasSecondFactor } from '../second-factor/index.ts'
import { sendMail } from '#server/integrations/mail/index.ts'
import { findManagedInstance } from './managed-instance.ts'
import { countReferrals, findReferral, getCreditBalance, getEntitlements } from '#server/money/billing/index.ts'
import { requireFresh } from '#server/platform/operations/index.ts'
import {
  accountOf,
  hasScope,
  type AccountContext,
  type Context,
  type Platform,
  type SessionContext,
  isUniqueViolation,
  InvalidInput,
  inTransaction,
  noteAudit,
  SERVER_CHAIN,
  userOf,
} from '#server/platform/core/index.ts'
import type {
  ChangePassword,
  CurrentSession,
  PatchProfile,
  Profile,
  Register,
  RegisteredAccount,
  SignedInUser,
  SignIn,
  UpdateProfile,
} from './accounts.contract.ts'
import * as errors from './accounts.errors.ts'
import * as queries from './accounts.queries.ts'

/**
 * Creates an account and starts its trial. It does not sign in.
 *
 * @throws BotDetected, SignupsClosed, InviteRequired by the server's `SIGNUPS`; InvalidInput for an
 * unknown referral code; InvitationNotFound, ForAnotherAddress; EmailTaken.
 */
export async function registerAccount(ctx: Context, input: Register): Promise<RegisteredAccount> {
  if (input.website) throw new BotDetected('website', 'this field has to be left out.')
  const { email, referralCode, invitation } = input
  const isInvited = invitation !== undefined
  // Before the puzzles, which are used up, and the hash, which costs something.
  checkSignUp(ctx.platform.env.SIGNUPS, referralCode, isInvited)
  if (isInvited) await checkInvitation(ctx.platform, invitation, email)
  await screenForBots(ctx, 'register', input.proof)
  const passwordHash = await hashPassword(input.password)
  const name = input.name || email
  let teamId: string | undefined
  const also = async (db: Db, id: string) => {
    if (isInvited) teamId = (await joinByInvitation(ctx.platform, db, id, invitation)).id
    // A mailed invitation has proved it already.
    const person = await findUser(db, id)
    if (person?.emailVerifiedAt === null) await askToVerify(ctx.platform, db, { id, email })
  }
  const { id, referral } = await signUp(ctx, { email, name, isEmailVerified: false, passwordHash }, { referralCode, isInvited, also })
  if (teamId) noteAudit(ctx, { alsoIn: [{ accountId: teamId }] })
  return { id, email, name, referral }
}

/**
 * Signs in and sets the session cookie.
 *
 * @throws WrongCredentials without saying which of the two was wrong; TwoFactorRequired, WrongCode, SecondFactorLocked;
 *   Suspended.
 */
export async function signIn(ctx: Context, { email, password, code }: SignIn): Promise<SignedInUser> {
  const user = await findUserByEmail(ctx.platform.databases.system, email)
  // Where nobody has the address it is told all the same, so that both take as long; not what was typed, which may be a password.
  noteAudit(ctx, { accountId: user?.personalAccountId ?? SERVER_CHAIN, targets: user ? [{ type: 'user', id: user.id }] : [] })
  if (!(await verifyPassword(user?.passwordHash ?? undefined, password)) || !user) throw new errors.WrongCredentials()
  await completeSignIn(ctx, user.id, { method: 'password', isTwoFactor: false, code })
  return { id: user.id, name: user.name }
}

/** A key that may not read the account is not told the email. */
export async function getSession({ actor }: Context): Promise<CurrentSession> {
  if (actor.kind === 'session') {
    const { id, name, email, isAdmin } = actor.user
    return { user: { id, name, email, isAdmin } }
  }
  if (!('account' in actor)) return { user: null }
  const { id, name, email, isAdmin } = actor.account
  return { user: { id, name, email: hasScope(actor, 'account:read') ? email : null, isAdmin } }
}

/** Deletes the session on the server and clears the cookie; harmless when nobody is signed in. */
export async function signOut(ctx: Context): Promise<{ ok: true }> {
  ctx.reply.cookies.push(await endSessions(ctx.platform, ctx.sessionTokens ?? []))
  return { ok: true }
}

/** @throws AccountGone */
export async function getProfile(ctx: AccountContext): Promise<Profile> {
  const account = await queries.findProfile(ctx.db, accountOf(ctx), userOf(ctx))
  if (!account) throw new errors.AccountGone()
  const instance = await findManagedInstance(ctx)
  return {
    ...account,
    notifications: account.notifications as Record<string, unknown>,
    plan: getEntitlements(ctx).plan,
    credits: await getCreditBalance(ctx),
    referral: await findReferral(ctx),
    referrals: await countReferrals(ctx),
    twoFactorEnabled: await hasSecondFactor(ctx.platform, userOf(ctx)),
    openclaw: { managed: true, instanceId: instance?.id ?? null, url: instance?.url ?? null },
  }
}

/** What the person, or the workspace of the key, is called, as the call found it. */
export const namesOf = async ({ actor }: AccountContext): Promise<{ name: string; email: string | null }> =>
  actor.kind === 'session' ? actor.user : actor.account

/**
 * A session that was left open somewhere must not be enough to take the account over.
 *
 * @throws EmailNeedsSession when an API key sends a new email; InvalidInput without, WrongPassword with
 * a wrong `currentPassword` for a new email; of who has no password ReauthRequired when they signed in long ago; EmailTaken;
 * AccountGone.
 */
export async function updateProfile(ctx: AccountContext, { currentPassword, ...change }: UpdateProfile): Promise<Profile> {
  if (change.email !== undefined && ctx.actor.kind === 'key') throw new errors.EmailNeedsSession()
  const { actor } = ctx
  if (change.email !== undefined && actor.kind === 'session' && change.email !== actor.user.email)
    await requireProof({ ...ctx, actor }, currentPassword)
  return changeProfile(ctx, change)
}

/** Their password, or a sign-in of a moment ago for who has none. @throws InvalidInput when it is missing; WrongPassword, ReauthRequired */
async function requireProof(ctx: SessionContext, currentPassword: string | undefined): Promise<void> {
  if ((await findPasswordHash(ctx.platform.databases.system, userOf(ctx))) === undefined) return requireFresh(ctx.actor)
  return requirePassword(ctx, currentPassword, 'expected your current password, because the email changes')
}

/** @throws InvalidInput when it is missing; WrongPassword, NoPassword */
async function requirePassword(ctx: AccountContext, currentPassword: string | undefined, whyNeeded: string): Promise<void> {
  if (currentPassword === undefined) throw new InvalidInput([{ field: 'currentPassword', message: whyNeeded }])
  const stored = await findPasswordHash(ctx.platform.databases.system, userOf(ctx))
  if (stored === undefined) throw new errors.NoPassword()
  if (!(await verifyPassword(stored, currentPassword))) throw new errors.WrongPassword()
}

/** `notifications` replaces what was stored. @throws AccountGone */
export const patchProfile = (ctx: AccountContext, input: PatchProfile): Promise<Profile> => changeProfile(ctx, input)

/** The personal workspace of a person is called what they are called. */
async function changeProfile(ctx: AccountContext, change: PatchProfile & { email?: string | undefined }): Promise<Profile> {
  const userId = userOf(ctx)
  try {
    await inTransaction(ctx.platform.databases.system, async (db) => {
      const before = await lockUser(db, userId)
      await updateUser(db, userId, change)
      if (before && change.email !== undefined && change.email.toLowerCase() !== before.email?.toLowerCase())
        await followAddressChange(ctx.platform, db, before, { id: userId, email: change.email })
      if (change.name !== undefined) await renamePersonalWorkspace(db, userId, change.name)
    })
    forgetKeysOf(ctx.platform, accountOf(ctx))
  } catch (error) {
    if (isUniqueViolation(error)) throw new EmailTaken()
    throw error
  }
  return getProfile(ctx)
}

/** Ends every other session of the person. @throws WrongPassword, NoPassword */
export async function changePassword(ctx: SessionContext, input: ChangePassword): Promise<{ success: true }> {
  await requirePassword(ctx, input.currentPassword, 'expected your current password')
  const hash = await hashPassword(input.newPassword)
  const { user, session } = ctx.actor
  await inTransaction(ctx.platform.databases.system, async (db) => {
    await upsertPassword(db, user.id, hash)
    await endSessionsOf(db, user.id, session.token)
    if (user.email !== null && user.isEmailVerified) {
      const letter = passwordChangedLetter(pageOf(ctx.platform, 'forgot-password'))
      await sendMail(ctx.platform, { to: { name: user.name, address: user.email }, letter }, db)
    }
  })
  return { success: true }
}

/** For the operator: says that the address belongs to its account, which completes its referral. @returns whether there is such an account. */
export const markEmailVerified = (platform: Platform, email: string): Promise<boolean> =>
  inTransaction(platform.databases.system, async (db) => {
    const user = await findUserByEmail(db, email)
    if (user) await markMailboxProved(platform, db, user.id)
    return user !== undefined
  })
