import { type Actor, type Context, type Platform, type Reply, newId, sha256 } from '#server/platform/core/index.ts'
import { toAccount } from '#server/platform/account/index.ts'
import { readApiKey } from './api-keys.ts'
import type { Credentials } from './credentials.ts'
import { lookUpCredential } from './credential-lookups.ts'
import { refuseOtherSites } from './request-origin.ts'
import { readSession, SESSION_COOKIE } from './sessions.ts'

/**
 * Finds out who calls and returns the context of the call. A bearer key wins over a cookie. What pays
 * for a call (`Authorization: Payment`) says nothing about who makes it: the cookie does, if it is good.
 *
 * @throws Forbidden CROSS_SITE_REQUEST when another site makes a browser send its cookie with a call
 * that changes something, or tries to sign the browser in; UNKNOWN_HOST when the server is called by a
 * name that is not its own; RateLimited when an address sends too many credentials nobody has.
 */
export async function authenticate(platform: Platform, request: Credentials): Promise<Context> {
  const reply: Reply = { cookies: [], headers: {} }
  const actor = await actorOf(platform, request, reply)
  const accountId = 'account' in actor ? actor.account.id : null
  const idempotencyKey = request.header('idempotency-key')
  return {
    platform,
    requestId: request.requestId,
    actor,
    isSafeMethod: request.isSafeMethod,
    db: platform.databases.forAccount(accountId),
    log: platform.log,
    signal: request.signal,
    ip: request.ip,
    startedAt: request.startedAt,
    reply,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  }
}

async function actorOf(platform: Platform, request: Credentials, reply: Reply): Promise<Actor> {
  const authorization = request.header('authorization')
  if (!authorization) return actorOfCookie(platform, request, reply)
  const [scheme, value] = authorization.split(/\s+/, 2)
  if (scheme?.toLowerCase() === 'payment') return payerOf(platform, request, reply)
  if (scheme?.toLowerCase() !== 'bearer' || !value)
    return { kind: 'invalid', reason: 'The Authorization header has to read "Bearer sk_...".' }
  return readApiKey(platform, value, request.ip)
}

/** Who pays need not sign in, so a session that has ended is as good as none. */
async function payerOf(platform: Platform, request: Credentials, reply: Reply): Promise<Actor> {
  if (!sessionTokenOf(request.header('cookie'))) return { kind: 'anonymous' }
  const actor = await actorOfCookie(platform, request, reply)
  return actor.kind === 'invalid' ? { kind: 'anonymous' } : actor
}

async function actorOfCookie(platform: Platform, request: Credentials, reply: Reply): Promise<Actor> {
  const token = sessionTokenOf(request.header('cookie'))
  refuseOtherSites(platform, request, token !== undefined)
  if (!token) return { kind: 'anonymous' }
  const session = await lookUpCredential(platform, request.ip, `session ${sha256(token)}`, () => readSession(platform, token))
  if (!session) return { kind: 'invalid', reason: 'The session has ended. Sign in again.' }
  if (session.cookie) reply.cookies.push(session.cookie)
  return { kind: 'session', account: toAccount(platform.env, session.account), sessionId: token }
}

function sessionTokenOf(cookie: string | null): string | undefined {
  for (const part of cookie?.split(';') ?? []) {
    const [name, value] = part.trim().split('=', 2)
    if (name === SESSION_COOKIE && value) return value
  }
  return undefined
}

/** The caller's own request id when it is a sensible one, else a new one. */
export const requestIdFrom = (header: string | null): string => (header && /^[\w.:-]{1,128}$/.test(header) ? header : newId('request'))
