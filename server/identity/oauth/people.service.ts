import type { ProvenPerson, SignInProvider } from '#server/integrations/oauth/index.ts'
import { asAccountId } from '#server/platform/account/index.ts'
import { inTransaction, type Context } from '#server/platform/core/index.ts'
import { findIdentity, insertIdentity, touchIdentity } from '../identities/index.ts'
import { forgetKeysOf } from '../auth/index.ts'
import { claimUnverifiedAddress, EmailTaken, findUserByEmail, lockUser, markMailboxProved, signUp } from '../users/index.ts'
import { AccountExists } from './oauth.errors.ts'

interface Found {
  userId: string
  isNew: boolean
}

/**
 * Whose account a person elsewhere is: the one that was connected with them. Their address finds an account only if it is
 * theirs by the word of both sides; else it would be enough to write somebody's address into a profile elsewhere.
 *
 * @throws AccountExists; SignupsClosed, InviteRequired, InvalidInput where a new person would have to be made.
 */
export async function findOrMakePerson(
  ctx: Context,
  provider: SignInProvider,
  person: ProvenPerson,
  referralCode: string | null,
): Promise<Found> {
  const known = (await findKnown(ctx, person)) ?? (await adopt(ctx, provider, person))
  if (known) return { userId: known, isNew: false }
  try {
    const { id } = await make(ctx, person, referralCode)
    return { userId: id, isNew: true }
  } catch (error) {
    // The same person, or one with the same address, was made at the same moment.
    const made = error instanceof MadeMeanwhile || error instanceof EmailTaken ? await findKnown(ctx, person) : undefined
    if (made) return { userId: made, isNew: false }
    throw error instanceof EmailTaken ? new AccountExists(provider.name) : error
  }
}

async function findKnown({ platform }: Context, { issuer, subject }: ProvenPerson): Promise<string | undefined> {
  const { system } = platform.databases
  const identity = await findIdentity(system, issuer, subject)
  if (identity) await touchIdentity(system, issuer, subject)
  return identity?.userId
}

/** The account that has the person's address. One that never proved to have the mailbox loses all that was set up without it. */
async function adopt({ platform }: Context, provider: SignInProvider, person: ProvenPerson): Promise<string | undefined> {
  if (person.email === null) return undefined
  const { email } = person
  const adopted = await inTransaction(platform.databases.system, async (db) => {
    const found = await findUserByEmail(db, email)
    if (!found) return undefined
    if (!person.isEmailVerified) throw new AccountExists(provider.name)
    await lockUser(db, found.id)
    // Read again, now that nobody else can change it: it may have another address by now, or a proven one.
    const owner = await findUserByEmail(db, email)
    if (owner?.id !== found.id) throw new AccountExists(provider.name)
    const isClaimed = owner.emailVerifiedAt === null
    if (isClaimed) await claimUnverifiedAddress(db, owner)
    await insertIdentity(db, identityOf(person, owner.id))
    if (isClaimed) await markMailboxProved(platform, db, owner.id)
    return { owner, isClaimed }
  })
  if (adopted?.isClaimed && adopted.owner.personalAccountId) forgetKeysOf(platform, asAccountId(adopted.owner.personalAccountId))
  return adopted?.owner.id
}

/** Somebody else was faster. */
class MadeMeanwhile extends Error {}

const make = (ctx: Context, person: ProvenPerson, referralCode: string | null) =>
  signUp(
    ctx,
    { email: person.email, name: person.name ?? person.label, isEmailVerified: person.isEmailVerified },
    {
      referralCode: referralCode ?? undefined,
      also: async (db, userId) => {
        if (!(await insertIdentity(db, identityOf(person, userId)))) throw new MadeMeanwhile()
      },
    },
  )

const identityOf = ({ issuer, subject, label, email, isEmailVerified }: ProvenPerson, userId: string) => ({
  issuer,
  subject,
  userId,
  label,
  email,
  emailVerified: isEmailVerified,
})
