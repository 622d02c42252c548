import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import type { Env } from '#server/platform/core/index.ts'
import { PasskeyRefused } from './passkeys.errors.ts'
import { reasonOf } from './registration.ts'
import { browserChallenge, loadWebAuthn, relyingPartyOf } from './webauthn.ts'

/** A passkey has signed a challenge. `counter` still has to be written down. */
export interface Assertion {
  passkeyId: string
  credentialId: string
  label: string
  counterBefore: number
  counter: number
}

/** What of a passkey is needed to check what it signed. */
interface SigningPasskey {
  id: string
  credentialId: string
  label: string
  /** Its COSE form in base64url. */
  publicKey: string
  counter: number
}

/** The part of a browser's answer that is looked at here. The id is in base64url and has at most 1023 bytes. */
export const AssertionAnswer = z.looseObject({ id: z.string().regex(/^[\w-]{1,1364}$/) })
export type AssertionAnswer = z.infer<typeof AssertionAnswer>

/** Checks that a passkey signed a challenge, on this site and by a verified user. @throws PasskeyRefused */
export async function verifyAnswer(env: Env, passkey: SigningPasskey, answer: AssertionAnswer, challenge: string): Promise<Assertion> {
  const { verifyAuthenticationResponse } = await loadWebAuthn()
  const { rpID, origin } = relyingPartyOf(env)
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
