import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import { cutText, type Env } from '#server/platform/core/index.ts'
import type { WebAuthnCredential } from './passkeys.contract.ts'
import { PasskeyRefused } from './passkeys.errors.ts'
import { ALGORITHMS, browserChallenge, loadWebAuthn, relyingPartyOf } from './webauthn.ts'

/** The part of a browser's answer that is looked at here; the rest is looked at by the library. */
const Registration = z.looseObject({
  response: z.looseObject({
    attestationObject: z.string(),
    transports: z.array(z.string().max(32)).max(10).default([]),
  }),
})

/** A passkey that was made for this site. */
export interface Registered {
  credentialId: string
  /** Its COSE form in base64url. */
  publicKey: string
  counter: number
  transports: string[]
  isSynced: boolean
}

/** @throws PasskeyRefused unless the passkey was made on this site, by a verified user, for this challenge. */
export async function checkRegistration(env: Env, credential: WebAuthnCredential, challenge: string): Promise<Registered> {
  const parsed = Registration.safeParse(credential)
  if (!parsed.success) throw new PasskeyRefused('credential: it is not what a browser answers when it has made a passkey.')
  const { verifyRegistrationResponse } = await loadWebAuthn()
  const { rpID, origin } = relyingPartyOf(env)
  const { response } = parsed.data
  try {
    await refuseCertificates(response.attestationObject)
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: credential as unknown as RegistrationResponseJSON,
      expectedChallenge: browserChallenge(challenge),
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (!verified) throw new PasskeyRefused('its signature is wrong.')
    const { id, publicKey, counter } = registrationInfo.credential
    const { transports } = response
    return {
      credentialId: id,
      publicKey: Buffer.from(publicKey).toString('base64url'),
      counter,
      transports,
      isSynced: registrationInfo.credentialBackedUp,
    }
  } catch (error) {
    throw error instanceof PasskeyRefused ? error : new PasskeyRefused(reasonOf(error), error)
  }
}

/**
 * No certificate of the maker is asked for, so an honest browser sends none. One that is sent all the same could
 * name an address where it wants to be looked up, and this server would go there.
 */
async function refuseCertificates(attestationObject: string): Promise<void> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  const decoded = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')))
  const isBare = decoded.get('fmt') === 'none' || (decoded.get('fmt') === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
  if (!isBare) throw new PasskeyRefused('it comes with a certificate, and none was asked for.')
}

/** What the library has against an answer, as the end of a sentence. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${cutText(error.message, 200).replace(/\.$/, '')}.` : 'it cannot be read.'
