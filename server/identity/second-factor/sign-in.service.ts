import { completeSignIn, issueOneTimeToken, peekOneTimeToken, takeOneTimeToken, type SecondFactorCheck } from '../auth/index.ts'
import { findUser } from '../users/index.ts'
import type { Context, SignInMethod } from '#server/platform/core/index.ts'
import type { SignedInUser } from '../users/users.contract.ts'
import type { CompleteSignIn } from './second-factor.contract.ts'
import { TicketUnknown, TwoFactorRequired } from './second-factor.errors.ts'
import * as queries from './second-factor.queries.ts'
import { takeCode } from './codes.service.ts'

const TICKET = 'second-factor'
const TICKET_SECONDS = 10 * 60

/**
 * Asks whoever has a second factor for it, unless the way they signed in is two already.
 *
 * @returns whether two factors were proved.
 * @throws TwoFactorRequired with a ticket for the second step; WrongCode, SecondFactorLocked.
 */
export const checkSecondFactor: SecondFactorCheck = async (ctx, userId, { method, isTwoFactor, code }) => {
  const { system } = ctx.platform.databases
  if (isTwoFactor) {
    await queries.forgetFailures(system, userId)
    return true
  }
  if (!(await queries.findActive(system, userId))) return false
  if (code === undefined)
    throw new TwoFactorRequired(await issueOneTimeToken(system, { purpose: TICKET, userId, data: { method }, seconds: TICKET_SECONDS }))
  await takeCode(ctx, userId, code)
  return true
}

/**
 * The second step of a sign-in that asked for a code. A wrong code leaves the ticket good.
 *
 * @throws TicketUnknown, WrongCode, SecondFactorLocked, SecondFactorInactive; Suspended
 */
export async function completeWithCode(ctx: Context, { ticket, code }: CompleteSignIn): Promise<SignedInUser> {
  const { system } = ctx.platform.databases
  const begun = await peekOneTimeToken(system, TICKET, ticket)
  if (!begun?.userId) throw new TicketUnknown()
  await takeCode(ctx, begun.userId, code)
  if (!(await takeOneTimeToken(system, TICKET, ticket))) throw new TicketUnknown()
  await completeSignIn(ctx, begun.userId, { method: begun.data.method as SignInMethod, isTwoFactor: true })
  const user = await findUser(system, begun.userId)
  if (!user) throw new TicketUnknown()
  return { id: user.id, name: user.name }
}
