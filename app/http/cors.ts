import type { Env } from '#server/platform/core/index.ts'

export const isPreflight = (request: Request): boolean =>
  request.method === 'OPTIONS' && request.headers.has('origin') && request.headers.has('access-control-request-method')

/** Headers this API reads, which a page may send without asking for them. */
const knownHeaders = [
  'Authorization',
  'Content-Type',
  'Accept',
  'Idempotency-Key',
  'X-Request-Id',
  'X-Agentbot-Workspace',
  'X-Plugin-Id',
  'Payment',
  'X-Payment-Method',
  'X-Session-Id',
  'X-Wallet-Address',
  'X-Voucher-Nonce',
  'X-Voucher-Signature',
]

/** Most further headers a page may ask for. */
const MAX_HEADERS = 50
const MAX_NAME_CHARS = 100
const TOKEN = /^[!#$%&'+.^_`|~0-9a-z-]+$/i

/**
 * The headers above, and those a preflight asks for: libraries send some of their own, such as `x-stainless-lang`, and what
 * this API does not read does no harm. Names that are none are left out.
 */
function allowedHeaders(asked: string | null): string {
  const known = new Set(knownHeaders.map((name) => name.toLowerCase()))
  const names = (asked ?? '').split(',').map((name) => name.trim().toLowerCase())
  const others = names.filter((name) => name.length <= MAX_NAME_CHARS && TOKEN.test(name) && !known.has(name))
  return [...knownHeaders, ...[...new Set(others)].slice(0, MAX_HEADERS)].join(', ')
}

/**
 * What lets pages of a configured origin call the API; nothing for any other origin. Cookies are not
 * part of it: such pages send an API key.
 */
export function corsHeaders({ CORS_ORIGINS }: Pick<Env, 'CORS_ORIGINS'>, { headers }: Request, origin: string): Record<string, string> {
  if (!CORS_ORIGINS.includes(origin)) return { vary: 'Origin' }
  const asked = headers.get('access-control-request-headers')
  return {
    vary: asked === null ? 'Origin' : 'Origin, Access-Control-Request-Headers',
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': allowedHeaders(asked),
    'access-control-expose-headers':
      'RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id, Idempotent-Replayed, WWW-Authenticate, X-Plugin-Id, Payment-Receipt, X-Session-Remaining, PAYMENT-REQUIRED, PAYMENT-RESPONSE, X-Agentbot-Cost, X-Agentbot-Overhead-Ms, X-Agentbot-Provider',
    'access-control-max-age': '600',
  }
}
