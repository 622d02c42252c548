import { type AccountContext, type SessionContext, userOf, newId, inTransaction } from '#server/platform/core/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import { keepAWayIn } from '../users/index.ts'
import type { Passkey, PasskeyRef, PasskeyRegistration, RegisterPasskey, RenamePasskey } from './passkeys.contract.ts'
import { PasskeyChallengeUnknown, PasskeyKnown, PasskeyLimitReached, PasskeyNotFound } from './passkeys.errors.ts'
import * as queries from './passkeys.queries.ts'
import { checkRegistration } from './registration.ts'
import { ALGORITHMS, CHALLENGE_SECONDS, challengeBytes, loadWebAuthn, newChallenge, relyingPartyOf } from './webauthn.ts'

const MAX_PASSKEYS = 20

/** Passkeys of the account, oldest first. */
export const listPasskeys = (ctx: AccountContext): Promise<Passkey[]> => queries.listPasskeys(ctx.db, userOf(ctx))

/** A page of them. */
export async function listPasskeyPage(ctx: AccountContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listPasskeyPage(ctx.db, userOf(ctx), limit, after)
  return rows.map(({ place, ...node }): Entry<Passkey, PlaceByTime> => ({ node, place: [place, node.id] }))
}

/** How many there are. */
export const countPasskeys = (ctx: AccountContext): Promise<number> => queries.countPasskeys(ctx.db, userOf(ctx))

/** What a browser needs to make a passkey that the account does not have yet. */
export async function startRegistration(ctx: SessionContext): Promise<PasskeyRegistration> {
  const { user } = ctx.actor
  const { generateRegistrationOptions } = await loadWebAuthn()
  const challenge = newChallenge()
  const options = await generateRegistrationOptions({
    rpName: 'Agentbot',
    rpID: relyingPartyOf(ctx.platform.env).rpID,
    userID: Uint8Array.from(Buffer.from(user.id)),
    userName: user.email ?? user.name,
    userDisplayName: user.name,
    challenge: challengeBytes(challenge),
    timeout: CHALLENGE_SECONDS * 1000,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: await queries.listCredentials(ctx.db, user.id),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  })
  await queries.deleteExpiredChallenges(ctx.db, user.id)
  await queries.insertChallenge(ctx.db, user.id, challenge, CHALLENGE_SECONDS)
  return { options: { ...options }, challenge }
}

/**
 * Adds a passkey. Its challenge is used up whatever comes of it.
 *
 * @throws PasskeyChallengeUnknown, PasskeyRefused, PasskeyKnown, PasskeyLimitReached
 */
export async function registerPasskey(ctx: AccountContext, { credential, challenge, label }: RegisterPasskey): Promise<Passkey> {
  const taken = await queries.takeChallenge(ctx.db, userOf(ctx), challenge.toLowerCase())
  if (!taken) throw new PasskeyChallengeUnknown()
  const registered = await checkRegistration(ctx.platform.env, credential, taken.challenge)
  return inTransaction(ctx.db, async (db) => {
    const count = await queries.lockPasskeyCount(db, userOf(ctx))
    if (count >= MAX_PASSKEYS) throw new PasskeyLimitReached(count, MAX_PASSKEYS)
    const { rpID: rpId } = relyingPartyOf(ctx.platform.env)
    const passkey = await queries.insertPasskey(db, userOf(ctx), { ...registered, id: newId('passkey'), label, rpId })
    if (!passkey) throw new PasskeyKnown()
    return passkey
  })
}

/** @throws PasskeyNotFound */
export async function renamePasskey(ctx: SessionContext, { passkeyId, label }: RenamePasskey): Promise<Passkey> {
  const passkey = await queries.renamePasskey(ctx.db, userOf(ctx), passkeyId, label)
  if (!passkey) throw new PasskeyNotFound()
  return passkey
}

/** An agent it verified is not verified any more. The last way somebody has to sign in stays. @throws PasskeyNotFound, LastWayIn */
export async function removePasskey(ctx: SessionContext, { passkeyId }: PasskeyRef): Promise<{ success: true }> {
  return inTransaction(ctx.platform.databases.system, async (db) => {
    if (!(await queries.deletePasskey(db, userOf(ctx), passkeyId))) throw new PasskeyNotFound()
    await keepAWayIn(db, userOf(ctx))
    return { success: true }
  })
}
