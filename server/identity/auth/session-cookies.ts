import type { Env } from '#server/platform/core/index.ts'
import type { Credentials } from './credentials.ts'

/** As it is documented. */
export const SESSION_COOKIE = 'agentbot-session'

/** A browser takes a cookie of this name from this host alone, and over https: no neighbour under the same domain can plant one. */
const HOST_COOKIE = `__Host-${SESSION_COOKIE}`

const isSecure = ({ APP_URL }: Pick<Env, 'APP_URL'>): boolean => APP_URL.startsWith('https:')

/** `Set-Cookie` values for what is to be set: a session's cookie has its twin for browsers where there is https. */
export const withHostCookies = (env: Pick<Env, 'APP_URL'>, cookies: readonly string[]): string[] =>
  cookies.flatMap((cookie) => (isSecure(env) && cookie.startsWith(`${SESSION_COOKIE}=`) ? [cookie, `__Host-${cookie}`] : [cookie]))

/** Most cookies of sessions that are looked at: one may be left over from another path or domain. */
const MAX_SESSION_COOKIES = 3

/**
 * The tokens of the session cookies, in the order they were sent. Over https browsers, which say where a call comes from,
 * are asked for the one that only this host can have set; of other clients, who send what they were given, one session
 * at most is taken.
 */
export function sessionTokensOf(env: Pick<Env, 'APP_URL'>, header: Credentials['header']): string[] {
  const sent = (header('cookie')?.split(';') ?? []).flatMap((part) => {
    const [name, value] = part.trim().split('=', 2)
    return (name === SESSION_COOKIE || name === HOST_COOKIE) && value ? [{ name, value }] : []
  })
  const tokensOf = (...names: string[]) => [...new Set(sent.filter(({ name }) => names.includes(name)).map(({ value }) => value))]
  if (!isSecure(env)) return tokensOf(SESSION_COOKIE).slice(0, MAX_SESSION_COOKIES)
  if (header('sec-fetch-site') !== null) return tokensOf(HOST_COOKIE).slice(0, 1)
  const tokens = tokensOf(SESSION_COOKIE, HOST_COOKIE)
  // Which of them is the caller's own nobody can say.
  return tokens.length > 1 ? [] : tokens
}
