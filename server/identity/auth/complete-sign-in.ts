import { Forbidden, noteAudit, type Context, type SignInMethod } from '#server/platform/core/index.ts'
import * as queries from './people.queries.ts'
import { startSession } from './sessions.ts'

/** How somebody proved who they are. */
export interface Proof {
  method: SignInMethod
  /** Whether the way itself takes two things, such as a passkey that asks for a finger or a PIN. */
  isTwoFactor: boolean
  /** A code that came along, for who has a second factor. */
  code?: string | undefined
}

/** Asks people who have a second factor for it, before they are signed in. It says whether two factors were proved. */
export type SecondFactorCheck = (ctx: Context, userId: string, proof: Proof) => Promise<boolean>

let checkSecondFactor: SecondFactorCheck | undefined

/** Has every way of signing in that is not two factors itself ask for a second one. */
export const registerSecondFactorCheck = (check: SecondFactorCheck): void => void (checkSecondFactor = check)

/** The operator has suspended the person. */
export class Suspended extends Forbidden {
  constructor() {
    super('SUSPENDED', 'This person is suspended. Ask the operator of the server.')
  }
}

/** The log of a person's own workspace says who signed in, or tried to, and how. */
function noteSignIn(ctx: Context, { id, name, email, personalAccountId }: Person, method: SignInMethod): void {
  if (personalAccountId === null) return
  const actor = { type: 'user', id, name: email ?? name } as const
  noteAudit(ctx, { accountId: personalAccountId, actor, targets: [{ type: 'user', id }], changes: { method: { after: method } } })
}

type Person = NonNullable<Awaited<ReturnType<typeof queries.findPerson>>>

/** The person deleted their account and can still take that back. */
export class AccountDeleted extends Forbidden {
  constructor() {
    super('ACCOUNT_DELETED', 'This account was deleted. The link in the mail about that takes it back until it is erased.')
  }
}

/**
 * The one end of every way to sign in: starts a session and sets its cookies.
 *
 * @throws Suspended, AccountDeleted; and what the second factor asks for.
 */
export async function completeSignIn(ctx: Context, userId: string, proof: Proof): Promise<void> {
  const { platform, ip, userAgent, reply } = ctx
  const person = await queries.findPerson(platform.databases.system, userId)
  if (!person) throw new Suspended()
  noteSignIn(ctx, person, proof.method)
  if (person.suspendedAt !== null) throw new Suspended()
  if (person.deletedAt !== null) throw new AccountDeleted()
  const secondFactor = (await checkSecondFactor?.(ctx, userId, proof)) ?? proof.isTwoFactor
  reply.cookies.push(await startSession(platform, userId, { method: proof.method, secondFactor, ip, userAgent }))
}
