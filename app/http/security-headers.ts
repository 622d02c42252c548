import type { Env } from '#server/platform/core/index.ts'

/** What every answer says to browsers. `nonce` is that of a page, and empty for everything else. */
export function addSecurityHeaders(headers: Headers, env: Pick<Env, 'APP_URL'>, nonce: string): void {
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'strict-origin-when-cross-origin')
  headers.set('x-frame-options', 'DENY')
  // Not of subdomains: what else runs under the operator's domain is not for this server to say.
  if (env.APP_URL.startsWith('https:')) headers.set('strict-transport-security', 'max-age=31536000')
  if (nonce) addPageHeaders(headers, nonce)
}

function addPageHeaders(headers: Headers, nonce: string): void {
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', pagePolicy(nonce))
  // Wallets and other places to sign in at open windows of their own, which answer through `window.opener`.
  headers.set('cross-origin-opener-policy', 'same-origin-allow-popups')
  headers.set('cross-origin-resource-policy', 'same-origin')
}

/** Scripts and styles are those of this server, and those of the page with its nonce. */
const pagePolicy = (nonce: string): string =>
  [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')

/** Of a file that somebody uploaded: should a browser ever show it, it runs nothing, loads nothing and is of no site. */
export const DOWNLOAD_POLICY = `sandbox; default-src 'none'`
