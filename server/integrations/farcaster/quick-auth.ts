import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { boundedFetch } from '#server/platform/flow/index.ts'
import type { Env, Platform } from '#server/platform/core/index.ts'
import { FarcasterNotConfigured, FarcasterTokenRefused, FarcasterUnavailable } from './farcaster.errors.ts'

const TIMEOUT_MS = 3_000
/** Keys of one auth server have some hundred bytes each. */
const MAX_KEYS_BYTES = 100_000
/** What tokens may be signed with: never a secret that both sides would have, and never nothing. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']

const keySets = new WeakMap<Platform, { origin: string; keys: JWTVerifyGetKey }>()

/** The keys of the auth server. They are fetched when they are first needed, and again when a token names one that is not known. */
function keysOf(platform: Platform): JWTVerifyGetKey {
  const { FARCASTER_AUTH_ORIGIN: origin } = platform.env
  const known = keySets.get(platform)
  if (known?.origin === origin) return known.keys
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', origin), {
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: boundedFetch({ maxBytes: MAX_KEYS_BYTES, maxMs: TIMEOUT_MS }),
  })
  keySets.set(platform, { origin, keys })
  return keys
}

/** The domain whose tokens count. @throws FarcasterNotConfigured */
export function farcasterDomain({ FARCASTER_DOMAIN }: Pick<Env, 'FARCASTER_DOMAIN'>): string {
  if (!FARCASTER_DOMAIN) throw new FarcasterNotConfigured()
  return FARCASTER_DOMAIN
}

/**
 * Checks a token of Farcaster's quick auth: that its server signed it, for this server's domain, and that it has not expired.
 * It says that whoever got it has signed in to Farcaster as that user. It says nothing about a wallet.
 *
 * @returns the number of the user (fid).
 * @throws FarcasterNotConfigured, FarcasterTokenRefused, FarcasterUnavailable
 */
export async function verifyFarcasterToken(platform: Platform, token: string): Promise<number> {
  const audience = farcasterDomain(platform.env)
  const options = { issuer: platform.env.FARCASTER_AUTH_ORIGIN, audience, algorithms: ALGORITHMS, requiredClaims: ['sub', 'iat', 'exp'] }
  try {
    const { payload } = await jwtVerify(token, keysOf(platform), options)
    // Their tokens have a number here, which the standard does not know.
    const fid = Number(payload.sub)
    if (!Number.isSafeInteger(fid) || fid < 1) throw new FarcasterTokenRefused('it names no Farcaster user.')
    return fid
  } catch (error) {
    if (error instanceof FarcasterTokenRefused) throw error
    if (isOutage(error)) throw new FarcasterUnavailable(error)
    throw new FarcasterTokenRefused(`it does not verify (${error instanceof Error ? error.message : 'it cannot be read'}).`)
  }
}

/** Keys that could not be fetched or read. Anything else jose has against a token is about the token. */
const isOutage = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === 'ERR_JOSE_GENERIC'
