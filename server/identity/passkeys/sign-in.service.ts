import { z } from 'zod'
import type { Context, Platform } from '#server/platform/core/index.ts'
import { completeSignIn, issueOneTimeToken, takeOneTimeToken } from '../auth/index.ts'
import { findUser, findUserByEmail } from '../users/index.ts'
import { AssertionAnswer, verifyAnswer } from './assertion.ts'
import type { PasskeySignInOptions, SignedInUser, SignInWithPasskey, StartPasskeySignIn } from './passkeys.contract.ts'
import { NoPasskeyToSignInWith, PasskeyChallengeUnknown, PasskeyNotFound, PasskeyRefused, PasskeySignInRefused } from './passkeys.errors.ts'
import * as queries from './sign-in.queries.ts'
import { CHALLENGE_SECONDS, challengeBytes, loadWebAuthn, newChallenge, relyingPartyOf } from './webauthn.ts'

const SIGN_IN = 'passkey sign-in'

/**
 * What a browser needs to sign in with a passkey: with one of the person who is named, or with any of this site that the device has.
 *
 * @throws NoPasskeyToSignInWith
 */
export async function startSignIn(ctx: Context, { identifier }: StartPasskeySignIn): Promise<PasskeySignInOptions> {
  const { system } = ctx.platform.databases
  const named = identifier === undefined ? undefined : await findNamed(ctx, identifier)
  const { generateAuthenticationOptions } = await loadWebAuthn()
  const challenge = newChallenge()
  const options = await generateAuthenticationOptions({
    rpID: relyingPartyOf(ctx.platform.env).rpID,
    challenge: challengeBytes(challenge),
    timeout: CHALLENGE_SECONDS * 1000,
    userVerification: 'required',
    ...(named ? { allowCredentials: named.credentials } : {}),
  })
  const person = named ? { userId: named.userId } : {}
  await issueOneTimeToken(system, { ...person, purpose: SIGN_IN, token: challenge, seconds: CHALLENGE_SECONDS })
  return { options: { ...options }, challenge }
}

async function findNamed({ platform }: Context, identifier: string) {
  const { system } = platform.databases
  const user = await findUserByEmail(system, identifier)
  const credentials = user ? await queries.listCredentialsOf(system, user.id) : []
  if (!user || credentials.length === 0) throw new NoPasskeyToSignInWith()
  return { userId: user.id, credentials }
}

/**
 * Signs in whoever has a passkey and sets the session cookie. The challenge is used up whatever comes of it.
 *
 * @throws PasskeyChallengeUnknown, PasskeyNotFound, PasskeySignInRefused, Suspended
 */
export async function signInWithPasskey(ctx: Context, input: SignInWithPasskey): Promise<SignedInUser> {
  const user = await provePasskey(ctx.platform, input)
  // The device has asked for a finger, a face or a PIN, so it is two things: what somebody has, and what they are or know.
  await completeSignIn(ctx, user.id, { method: 'passkey', isTwoFactor: true })
  return user
}

/**
 * Finds out whose passkey has signed a challenge to sign in. The challenge is used up whatever comes of it.
 *
 * @throws PasskeyChallengeUnknown, PasskeyNotFound, PasskeySignInRefused
 */
export async function provePasskey({ databases, env }: Platform, { response, challenge }: SignInWithPasskey): Promise<SignedInUser> {
  const { system } = databases
  const asked = challenge.toLowerCase()
  const taken = await takeOneTimeToken(system, SIGN_IN, asked)
  if (!taken) throw new PasskeyChallengeUnknown()
  const answer = AssertionAnswer.safeParse(response)
  const passkey = answer.success ? await queries.findPasskey(system, answer.data.id) : undefined
  if (!answer.success || !passkey) throw new PasskeyNotFound()
  const { userId } = passkey
  if (taken.userId !== null && taken.userId !== userId) throw new PasskeySignInRefused('it is not of the person who was named.')
  if (!isHandleOf(userId, response)) throw new PasskeySignInRefused('its user handle is that of somebody else.')
  const assertion = await verifyAnswer(env, passkey, answer.data, asked).catch((error: unknown) => {
    throw error instanceof PasskeyRefused ? new PasskeySignInRefused(String(error.details.reason), error) : error
  })
  if (!(await queries.recordUse(system, passkey.id, assertion.counterBefore, assertion.counter)))
    throw new PasskeySignInRefused('it was used again or removed at the same time.')
  const user = await findUser(system, userId)
  if (!user) throw new PasskeyNotFound()
  return { id: user.id, name: user.name }
}

const Handle = z.looseObject({ response: z.looseObject({ userHandle: z.string().nullish() }) })

/** Devices say whose passkey it is where they were not told; that has to be who it was registered for. */
function isHandleOf(userId: string, answer: unknown): boolean {
  const handle = Handle.safeParse(answer).data?.response.userHandle
  return !handle || Buffer.from(handle, 'base64url').toString() === userId
}
