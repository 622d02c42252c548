import { BotDetected, screenForBots } from '../bots/index.ts'
import { forgetKeysOf, hashPassword, verifyPassword, endOtherSessions, endSessions, startSession } from '../auth/index.ts'
import { asAccountId } from '#server/platform/account/index.ts'
import { findManagedInstance } from './managed-instance.ts'
import {
  countReferrals,
  creditReferral,
  findReferral,
  getCreditBalance,
  getEntitlements,
  noteReferral,
  TRIAL_DAYS,
} from '#server/money/billing/index.ts'
import {
  accountOf,
  hasScope,
  type AccountContext,
  type Context,
  type Platform,
  isUniqueViolation,
  InvalidInput,
  newId,
  randomSuffix,
  inTransaction,
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
 * unknown referral code; EmailTaken.
 */
export async function registerAccount(ctx: Context, input: Register): Promise<RegisteredAccount> {
  if (input.website) throw new BotDetected('website', 'this field has to be left out.')
  const { SIGNUPS } = ctx.platform.env
  if (SIGNUPS === 'closed') throw new errors.SignupsClosed()
  if (SIGNUPS === 'invite' && !input.referralCode) throw new errors.InviteRequired()
  await screenForBots(ctx, 'register', input.proof)
  const passwordHash = await hashPassword(input.password)
  return inTransaction(ctx.platform.databases.system, async (db) => {
    const referrer = input.referralCode ? await queries.findAccountByReferralCode(db, input.referralCode) : undefined
    if (input.referralCode && !referrer) throw new InvalidInput([{ field: 'referralCode', message: 'no account has this code' }])
    const account = await queries.insertAccount(db, {
      id: newId('account'),
      email: input.email,
      name: input.name || input.email,
      passwordHash,
      referralCode: randomSuffix(8).toUpperCase(),
      trialDays: TRIAL_DAYS,
    })
    if (!account) throw new errors.EmailTaken()
    const referral = referrer ? await noteReferral(db, asAccountId(account.id), asAccountId(referrer.id)) : null
    return { ...account, referral }
  })
}

/** Signs in and sets the session cookie. @throws WrongCredentials without saying which of the two was wrong. */
export async function signIn(ctx: Context, { email, password }: SignIn): Promise<SignedInUser> {
  const account = await queries.findAccountByEmail(ctx.platform.databases.system, email)
  if (!(await verifyPassword(account?.passwordHash, password)) || !account) throw new errors.WrongCredentials()
  ctx.reply.cookies.push(await startSession(ctx.platform, account.id))
  return { id: account.id, name: account.name }
}

/** A key that may not read the account is not told the email. */
export async function getSession({ actor }: Context): Promise<CurrentSession> {
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
  const account = await queries.findProfile(ctx.db, accountOf(ctx))
  if (!account) throw new errors.AccountGone()
  const instance = await findManagedInstance(ctx)
  return {
    ...account,
    notifications: account.notifications as Record<string, unknown>,
    plan: getEntitlements(ctx).plan,
    credits: await getCreditBalance(ctx),
    referral: await findReferral(ctx),
    referrals: await countReferrals(ctx),
    twoFactorEnabled: false,
    openclaw: { managed: true, instanceId: instance?.id ?? null, url: instance?.url ?? null },
  }
}

/**
 * A session that was left open somewhere must not be enough to take the account over.
 *
 * @throws EmailNeedsSession when an API key sends a new email; InvalidInput without, WrongPassword with
 * a wrong `currentPassword` for a new email; EmailTaken; AccountGone.
 */
export async function updateProfile(ctx: AccountContext, { currentPassword, ...change }: UpdateProfile): Promise<Profile> {
  if (change.email !== undefined && ctx.actor.kind === 'key') throw new errors.EmailNeedsSession()
  if (change.email !== undefined && change.email !== ctx.actor.account.email) await requirePassword(ctx, currentPassword)
  return changeProfile(ctx, change)
}

/** @throws InvalidInput when it is missing; WrongPassword, AccountGone */
async function requirePassword(ctx: AccountContext, currentPassword: string | undefined): Promise<void> {
  if (currentPassword === undefined)
    throw new InvalidInput([{ field: 'currentPassword', message: 'expected your current password, because the email changes' }])
  const stored = await queries.findPasswordHash(ctx.db, accountOf(ctx))
  if (!stored) throw new errors.AccountGone()
  if (!(await verifyPassword(stored.passwordHash, currentPassword))) throw new errors.WrongPassword()
}

/** `notifications` replaces what was stored. @throws AccountGone */
export const patchProfile = (ctx: AccountContext, input: PatchProfile): Promise<Profile> => changeProfile(ctx, input)

async function changeProfile(ctx: AccountContext, change: PatchProfile & { email?: string | undefined }): Promise<Profile> {
  try {
    await queries.updateAccount(ctx.db, accountOf(ctx), change)
    forgetKeysOf(ctx.platform, accountOf(ctx))
  } catch (error) {
    if (isUniqueViolation(error)) throw new errors.EmailTaken()
    throw error
  }
  return getProfile(ctx)
}

/** Ends every other session of the account. @throws WrongPassword, AccountGone */
export async function changePassword(ctx: AccountContext, input: ChangePassword): Promise<{ success: true }> {
  await requirePassword(ctx, input.currentPassword)
  const passwordHash = await hashPassword(input.newPassword)
  await inTransaction(ctx.db, async (db) => {
    await queries.updateAccount(db, accountOf(ctx), { passwordHash })
    if (ctx.actor.kind === 'session') await endOtherSessions(db, accountOf(ctx), ctx.actor.sessionId)
  })
  return { success: true }
}

/** For the operator: says that the address belongs to its account, which completes its referral. @returns whether there is such an account. */
export const markEmailVerified = (platform: Platform, email: string): Promise<boolean> =>
  inTransaction(platform.databases.system, async (db) => {
    const account = await queries.verifyEmail(db, email)
    if (account) await creditReferral(platform, db, asAccountId(account.id))
    return account !== undefined
  })
