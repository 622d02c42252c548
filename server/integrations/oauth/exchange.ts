import { AuthorizationResponseError, ClientError, type Configuration, customFetch, ResponseBodyError } from 'openid-client'
import { boundedFetch } from '#server/platform/flow/index.ts'
import { ProviderUnavailable, SignInRefused } from './oauth.errors.ts'

/** Of one answer of a provider, and for how long it is waited for. */
const LIMITS = { maxBytes: 1_000_000, maxMs: 5_000 }

const bounded = boundedFetch(LIMITS)

/** What providers are asked with: their answers have an end, and a redirect does not lead elsewhere. */
export const providerFetch: typeof fetch = (input, init) => bounded(input, { ...init, redirect: 'manual' })

/** Has a client of openid-client ask by `providerFetch`. */
export function askByProviderFetch(config: Configuration): Configuration {
  config[customFetch] = providerFetch as never
  config.timeout = LIMITS.maxMs / 1000
  return config
}

/** Problems that the person's own answer can have; any other is one of the provider or of how this server was set up there. */
const REFUSED_CODES = new Set(['access_denied', 'invalid_grant', 'login_required', 'consent_required', 'interaction_required'])

/** Codes of openid-client for an answer that was not reached, or is none of this protocol. */
const UNAVAILABLE_CODES = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_PARSE_ERROR',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_INVALID_SERVER_METADATA',
])

/**
 * Runs what asks a provider, and says of a failure whose it is.
 *
 * @throws SignInRefused, ProviderUnavailable
 */
export async function askProvider<T>(provider: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (error) {
    throw toKnown(provider, error)
  }
}

function toKnown(provider: string, error: unknown): Error {
  if (error instanceof SignInRefused || error instanceof ProviderUnavailable) return error
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    if (error.error === 'access_denied') return new SignInRefused(provider, 'it was cancelled there.', error)
    if (REFUSED_CODES.has(error.error)) return new SignInRefused(provider, 'what came back is not good any more. Start again.', error)
    return new ProviderUnavailable(provider, error)
  }
  if (error instanceof ClientError && !UNAVAILABLE_CODES.has(error.code ?? ''))
    return new SignInRefused(provider, 'what came back does not fit what was asked. Start again.', error)
  return new ProviderUnavailable(provider, error)
}
