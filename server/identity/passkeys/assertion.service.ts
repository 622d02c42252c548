import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import { userOf, type AccountContext } from '#server/platform/core/index.ts'
import { NoPasskey, PasskeyRefused } from './passkeys.errors.ts'
import * as queries from './passkeys.queries.ts'
import { reasonOf } from './registration.ts'
import { browserChallenge, CHALLENGE_SECONDS, challengeBytes, loadWebAuthn, relyingPartyOf } from './webauthn.ts'

/** A passkey of the account has signed a challenge. `counter` still has to be written down. */
export interface Assertion {
  passkeyId: string
  credentialId: string
  label: string
  counterBefore: number
  counter: number
}

/** What a browser needs to have a challenge signed by a passkey of the account. @throws NoPasskey */
export async function createAssertionOptions(ctx: AccountContext, challenge: string): Promise<Record<string, unknown>> {
  const allowCredentials = await queries.listCredentials(ctx.db, userOf(ctx))
  if (allowCredentials.length === 0) throw new NoPasskey()
  const { generateAuthenticationOptions } = await loadWebAuthn()
  const options = await generateAuthenticationOptions({
    rpID: relyingPartyOf(ctx.platform.env).rpID,
    challenge: challengeBytes(challenge),
    timeout: CHALLENGE_SECONDS * 1000,
    userVerification: 'required',
    allowCredentials,
  })
  return { ...options }
}

/**
 * Checks that a passkey of the account signed a challenge, on this site and by a verified user.
 *
 * @param text what the browser answered, as JSON.
 * @throws PasskeyRefused
 */
export async function checkAssertion(ctx: AccountContext, text: string, challenge: string): Promise<Assertion> {
  const answer = readAnswer(text)
  const passkey = await queries.findByCredential(ctx.db, userOf(ctx), answer.id)
  if (!passkey) throw new PasskeyRefused('it is not registered with this account.')
  const { verifyAuthenticationResponse } = await loadWebAuthn()
  const { rpID, origin } = relyingPartyOf(ctx.platform.env)
  const { id: passkeyId, credentialId, label, counter: counterBefore } = passkey
  const publicKey = Uint8Array.from(Buffer.from(passkey.publicKey, 'base64url'))
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: answer as unknown as AuthenticationResponseJSON,
    expectedChallenge: browserChallenge(challenge),
    expectedOrigin: origin,
    expectedRPID: rpID,
    credential: { id: credentialId, publicKey, counter: counterBefore },
    requireUserVerification: true,
  }).catch((error: unknown) => {
    throw new PasskeyRefused(reasonOf(error), error)
  })
  if (!verified) throw new PasskeyRefused('its signature is wrong.')
  return { passkeyId, credentialId, label, counterBefore, counter: authenticationInfo.newCounter }
}

/** Writes down how often the passkey has signed. @throws PasskeyRefused when it was used again, or removed, meanwhile. */
export async function recordAssertion(ctx: AccountContext, { passkeyId, counterBefore, counter }: Assertion): Promise<void> {
  const updated = await queries.updateCounter(ctx.db, userOf(ctx), passkeyId, counterBefore, counter)
  if (!updated) throw new PasskeyRefused('it was used again or removed at the same time.')
}

/** The id is in base64url and has at most 1023 bytes. */
const Answer = z.looseObject({ id: z.string().regex(/^[\w-]{1,1364}$/) })

function readAnswer(text: string): z.infer<typeof Answer> {
  try {
    return Answer.parse(JSON.parse(text))
  } catch (error) {
    throw new PasskeyRefused('signature: expected the answer of the browser credentials API as JSON.', error)
  }
}
