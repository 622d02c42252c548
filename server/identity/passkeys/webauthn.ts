import { randomBytes } from 'node:crypto'
import type { Env } from '#server/platform/core/index.ts'

const CHALLENGE_BYTES = 32

/** How long a challenge is good for. */
export const CHALLENGE_SECONDS = 5 * 60

let library: Promise<typeof import('@simplewebauthn/server')> | undefined

/** What checks passkeys. It is loaded when it is first needed, because it brings much that no other call needs. */
export const loadWebAuthn = (): NonNullable<typeof library> => (library ??= import('@simplewebauthn/server'))

/** What passkeys may sign with, by its COSE number, best first: EdDSA, ES256 and RS256. */
export const ALGORITHMS = [-8, -7, -257]

/** The site passkeys are made for and used on, as browsers name it. */
export function relyingPartyOf({ APP_URL }: Pick<Env, 'APP_URL'>): { rpID: string; origin: string } {
  const { hostname, origin } = new URL(APP_URL)
  return { rpID: hostname, origin }
}

/** Random bytes to be signed, as hex digits after `0x`. */
export const newChallenge = (): string => `0x${randomBytes(CHALLENGE_BYTES).toString('hex')}`

/** The bytes of a challenge. */
export const challengeBytes = (challenge: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(challenge.slice(2), 'hex'))

/** A challenge as browsers repeat it. */
export const browserChallenge = (challenge: string): string => Buffer.from(challengeBytes(challenge)).toString('base64url')
