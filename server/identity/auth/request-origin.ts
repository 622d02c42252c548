import { type Platform, type Env, Forbidden } from '#server/platform/core/index.ts'
import type { Credentials } from './credentials.ts'

/**
 * Cookies go along with calls other sites make. Two things give those away: browsers say where a call
 * comes from (`Origin` and `Sec-Fetch-Site` cannot be set by a page), and a site that has its own name
 * point at this server still calls it by that name. Clients that are not browsers send neither header.
 *
 * @throws Forbidden UNKNOWN_HOST when a session, or a page, calls the server by a name it does not have;
 * CROSS_SITE_REQUEST when another site makes a call that changes something, or signs in.
 */
export function refuseOtherSites({ env }: Platform, { isSafeMethod, header }: Credentials, hasSession: boolean): void {
  const origin = header('origin')
  // Pages the operator lets in send keys, not cookies.
  if (origin && env.CORS_ORIGINS.includes(origin) && header('cookie') === null) return
  if (hasSession || (origin && !isSafeMethod)) refuseUnknownHost(env, header)
  if (isSafeMethod || (origin && isOwnOrigin(env, origin, header))) return
  const site = header('sec-fetch-site')
  if (origin || site === 'cross-site' || site === 'same-site') {
    throw new Forbidden(
      'CROSS_SITE_REQUEST',
      'This call comes from another site. Only pages of this server may use its cookie; other clients send an API key.',
    )
  }
}

/**
 * Whether a GET may ask for a stream that changes something, which needs POST otherwise: an EventSource sends nothing
 * else. A link, an image or a frame of any page has a browser send a GET as well, with the cookie and with an input that
 * the page chose. So where there is a cookie it has to be plain that a script of this server's own page asks: only the
 * browser can say so (`Sec-Fetch-*`); where it does not (it is silent over plain HTTP), the page that asks is named by
 * `Origin` or `Referer`, and `Accept` tells a script from a link. What is let in is then held to all the rules of a POST.
 */
export function isOwnEventSource({ env }: Platform, { header }: Pick<Credentials, 'header'>): boolean {
  if (header('accept') !== 'text/event-stream') return false
  // No page can have a browser send this header without asking this server first.
  if (header('cookie') === null || header('authorization') !== null) return true
  const site = header('sec-fetch-site')
  if (site !== null) return site === 'same-origin' && header('sec-fetch-dest') === 'empty'
  const page = header('origin') ?? originOf(header('referer'))
  return page !== null && isOwnOrigin(env, page, header)
}

const originOf = (address: string | null): string | null => (address !== null && URL.canParse(address) ? new URL(address).origin : null)

type Header = Credentials['header']

/** @throws Forbidden UNKNOWN_HOST */
function refuseUnknownHost(env: Env, header: Header): void {
  const { host } = addressOf(env, header)
  if (host === null || host === new URL(env.APP_URL).host || isLocal(host, env.HOST)) return
  throw new Forbidden(
    'UNKNOWN_HOST',
    `Host: expected ${new URL(env.APP_URL).host}, got ${host.slice(0, 200)}. If this server is to have that name, set APP_URL to it.`,
  )
}

/** Whole origins are compared. Under a name of this machine it is the address that was called, else APP_URL. */
function isOwnOrigin(env: Env, origin: string, header: Header): boolean {
  const { scheme, host } = addressOf(env, header)
  const own = new URL(env.APP_URL)
  return origin === own.origin || (host !== null && host !== own.host && isLocal(host, env.HOST) && origin === `${scheme}://${host}`)
}

/** What the caller called the server. Behind a proxy that is what the proxy itself says; earlier values can be made up. */
function addressOf(env: Env, header: Header): { scheme: string; host: string | null } {
  const forwarded = (name: string) => (env.TRUST_PROXY ? header(name)?.split(',').at(-1)?.trim().toLowerCase() : undefined) || undefined
  return {
    scheme: forwarded('x-forwarded-proto') ?? 'http',
    host: forwarded('x-forwarded-host') ?? header('host')?.toLowerCase() ?? null,
  }
}

/** Names only this machine can have, whatever the port (a tunnel has another), and the address the operator has it listen on. */
function isLocal(host: string, listensOn: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false
  const { hostname } = new URL(`http://${host}`)
  const isLoopback =
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  return isLoopback || (!WILDCARDS.has(listensOn) && (hostname === listensOn.toLowerCase() || hostname === `[${listensOn.toLowerCase()}]`))
}

/** Addresses that stand for all of the machine's, and so name none. */
const WILDCARDS = new Set(['0.0.0.0', '::', '[::]'])
