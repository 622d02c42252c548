import { inTransaction, type AccountContext, type Platform, type SessionContext, type UserId } from '#server/platform/core/index.ts'
import { keepAWayIn } from '../users/index.ts'
import { MAX_IDENTITIES, type Identity, type IdentityRef } from './identities.contract.ts'
import { IdentityLimitReached, IdentityNotFound, IdentityTaken } from './identities.errors.ts'
import * as queries from './identities.queries.ts'

/** What wallets are called as an issuer: the namespace of CAIP-2. */
export const WALLETS = 'eip155'

type Row = Awaited<ReturnType<typeof queries.listIdentities>>[number]

const toIdentity = ({ lastUsedAt: lastUsed, emailVerified: _emailVerified, ...row }: Row): Identity => ({ ...row, lastUsed })

/** What the person who is signed in can sign in with elsewhere, oldest first. */
export const getIdentities = async (ctx: SessionContext): Promise<Identity[]> =>
  (await queries.listIdentities(ctx.db, ctx.actor.user.id)).map(toIdentity)

/** The wallet the caller signs in with, the newest of several; undefined for who has none, and for the key of a team. */
export async function findSignInWallet({ actor, platform }: AccountContext): Promise<string | undefined> {
  const userId: UserId | null = actor.kind === 'session' ? actor.user.id : actor.account.ownerId
  if (userId === null) return undefined
  const identities = await queries.listIdentities(platform.databases.system, userId)
  return identities.findLast(({ issuer }) => issuer === WALLETS)?.subject
}

/** The personal workspace of who signs in with a wallet; its address is in lower case. */
export async function findAccountOfWallet({ databases: { system } }: Platform, address: string): Promise<string | undefined> {
  return (await queries.findPersonalAccount(system, WALLETS, address))?.accountId ?? undefined
}

/** Somebody as another service knows them, who was proved to be the person who is signed in. */
type ProvenIdentity = Omit<Parameters<typeof queries.insertIdentity>[1], 'userId'>

/**
 * Lets the person who is signed in sign in with an identity as well. That it is theirs has been proved.
 *
 * @throws IdentityTaken when somebody has it, themselves included; IdentityLimitReached
 */
export async function linkIdentity(ctx: SessionContext, identity: ProvenIdentity): Promise<Identity> {
  const { id: userId } = ctx.actor.user
  return inTransaction(ctx.platform.databases.system, async (db) => {
    const count = await queries.lockIdentityCount(db, userId)
    if (count >= MAX_IDENTITIES) throw new IdentityLimitReached(count, MAX_IDENTITIES)
    const row = await queries.insertIdentity(db, { ...identity, userId })
    if (!row) throw new IdentityTaken()
    return toIdentity(row)
  })
}

/** @throws IdentityNotFound, LastWayIn */
export async function unlinkIdentity(ctx: SessionContext, { issuer, subject }: IdentityRef): Promise<{ success: true }> {
  const { id: userId } = ctx.actor.user
  return inTransaction(ctx.platform.databases.system, async (db) => {
    if (!(await queries.deleteIdentity(db, userId, issuer, subject))) throw new IdentityNotFound()
    await keepAWayIn(db, userId)
    return { success: true }
  })
}
