import type { Env } from '#server/platform/core/index.ts'

/** What every answer says to browsers. `nonce` is that of a page, and empty for everything else. */
export function addSecurityHeaders(headers: Headers, env: Pick<Env, 'APP_URL'>, nonce: string): void {
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'strict-origin-when-cross-origin')
  headers.set('x-frame-options', 'DENY')
  if (env.APP_URL.startsWith('https:')) headers.set('strict-transport-security', 'max-age=31536000')
  if (nonce && !headers.has('content-security-policy')) headers.set('content-security-policy', pagePolicy(nonce))
}

const pagePolicy = (nonce: string): string =>
  [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}'`,
    // Dialogs and toasts position themselves with inline styles.
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
