import type { Db } from '#db/client.ts'
import { noteReferral } from '#server/money/billing/index.ts'
import { asAccountId } from '#server/platform/account/index.ts'
import { type Context, inTransaction, InvalidInput, noteAudit } from '#server/platform/core/index.ts'
import { findWorkspaceByReferralCode, joinSignupWorkspace } from '../workspaces/index.ts'
import { InviteRequired, SignupsClosed } from './users.errors.ts'
import { createUser } from './users.service.ts'

type NewPerson = Parameters<typeof createUser>[1]

interface SignUp {
  /** Of an existing account; needed where new people come by invitation only. */
  referralCode: string | undefined
  /** Whether they come by an invitation to a team, which lets them in as a referral code does. */
  isInvited?: boolean
  /** What is stored together with the person, such as the way they sign in by. */
  also?(db: Db, userId: string): Promise<void>
}

/**
 * Makes a person, as far as this server takes new ones, and notes who referred them.
 *
 * @throws SignupsClosed, InviteRequired by the server's `SIGNUPS`; InvalidInput for an unknown referral code; EmailTaken; what
 *   `also` throws.
 */
export async function signUp(ctx: Context, person: NewPerson, { referralCode, isInvited = false, also }: SignUp) {
  const { platform } = ctx
  checkSignUp(platform.env.SIGNUPS, referralCode, isInvited)
  const signedUp = await inTransaction(platform.databases.system, async (db) => {
    const referrer = referralCode ? await findWorkspaceByReferralCode(db, referralCode) : undefined
    if (referralCode && !referrer) throw new InvalidInput([{ field: 'referralCode', message: 'no account has this code' }])
    const user = await createUser(db, person)
    await also?.(db, user.id)
    await joinSignupWorkspace(platform.env, db, user.id)
    const referral = referrer ? await noteReferral(db, asAccountId(user.id), asAccountId(referrer.id)) : null
    return { ...user, referral }
  })
  const { id, email, name } = signedUp
  noteAudit(ctx, { accountId: id, actor: { type: 'user', id, name: email ?? name }, targets: [{ type: 'user', id }] })
  return signedUp
}

/** Whether this server takes new people. @throws SignupsClosed, InviteRequired */
export function checkSignUp(signups: 'open' | 'invite' | 'closed', referralCode: string | undefined, isInvited = false): void {
  if (signups === 'closed') throw new SignupsClosed()
  if (signups === 'invite' && !referralCode && !isInvited) throw new InviteRequired()
}
