import type { Env } from '#server/platform/core/index.ts'

export const isPreflight = (request: Request): boolean =>
  request.method === 'OPTIONS' && request.headers.has('origin') && request.headers.has('access-control-request-method')

/**
 * What lets pages of a configured origin call the API; nothing for any other origin. Cookies are not
 * part of it: such pages send an API key.
 */
export function corsHeaders({ CORS_ORIGINS }: Pick<Env, 'CORS_ORIGINS'>, origin: string): Record<string, string> {
  if (!CORS_ORIGINS.includes(origin)) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers':
      'Authorization, Content-Type, Accept, Idempotency-Key, X-Request-Id, X-Plugin-Id, Payment, X-Payment-Method, X-Session-Id, X-Wallet-Address, X-Voucher-Nonce, X-Voucher-Signature',
    'access-control-expose-headers':
      'RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id, Idempotent-Replayed, WWW-Authenticate, X-Plugin-Id, Payment-Receipt, X-Session-Remaining, X-Agentbot-Cost, X-Agentbot-Overhead-Ms',
    'access-control-max-age': '600',
  }
}
