import type { Db } from '#db/client.ts'
import { type Actor, type Context, type Platform, type Reply, newId, sha256 } from '#server/platform/core/index.ts'
import { readApiKey, type KeyRead } from './api-keys.ts'
import type { Credentials } from './credentials.ts'
import { lookUpCredential } from './credential-lookups.ts'
import { refuseOtherSites } from './request-origin.ts'
import { sessionTokensOf } from './session-cookies.ts'
import { noteSessionUse, readSession } from './sessions.ts'
import { actorOfSession, WorkspaceNotFound } from './workspace-choice.ts'

/**
 * Finds out who calls and returns the context of the call. A bearer key wins over a cookie. What pays
 * for a call (`Authorization: Payment`) says nothing about who makes it: the cookie does, if it is good.
 *
 * @throws Forbidden CROSS_SITE_REQUEST when another site makes a browser send its cookie with a call
 * that changes something, or tries to sign the browser in; UNKNOWN_HOST when the server is called by a
 * name that is not its own; WorkspaceNotFound when the call names a workspace the caller is not in; RateLimited when an address sends too many credentials nobody has.
 */
export async function authenticate(platform: Platform, request: Credentials): Promise<Context> {
  const reply: Reply = { cookies: [], headers: {} }
  const { actor, noteUse } = await callerOf(platform, request, reply)
  const sessionTokens = sessionTokensOf(platform.env, request.header)
  const idempotencyKey = request.header('idempotency-key')
  return {
    platform,
    requestId: request.requestId,
    actor,
    isSafeMethod: request.isSafeMethod,
    db: connectionFor(platform, actor),
    log: platform.log,
    signal: request.signal,
    ip: request.ip,
    // On plain http, but for this machine's own names, browsers say only where a page comes from.
    isFromBrowser: request.header('sec-fetch-site') !== null || request.header('origin') !== null,
    userAgent: request.header('user-agent'),
    startedAt: request.startedAt,
    reply,
    ...(idempotencyKey ? { idempotencyKey } : {}),
    ...(noteUse ? { noteUse } : {}),
    ...(sessionTokens.length > 0 ? { sessionTokens } : {}),
  }
}

async function callerOf(platform: Platform, request: Credentials, reply: Reply): Promise<KeyRead> {
  const authorization = request.header('authorization')
  if (!authorization) return readCookie(platform, request, reply)
  const [scheme, value] = authorization.split(/\s+/, 2)
  if (scheme?.toLowerCase() === 'payment') return payerOf(platform, request, reply)
  if (scheme?.toLowerCase() !== 'bearer' || !value)
    return { actor: { kind: 'invalid', reason: 'The Authorization header has to read "Bearer sk_...".' } }
  const read = await readApiKey(platform, value, request.ip)
  if (request.workspace !== null && read.actor.kind === 'key' && read.actor.account.id !== request.workspace) throw new WorkspaceNotFound()
  return read
}

/** What the caller sees of the database. Who may only look gets connections that do not write. */
function connectionFor({ databases }: Platform, actor: Actor): Db {
  if (actor.kind === 'session')
    return databases.forAccount(actor.account.id, { userId: actor.user.id, isReadOnly: actor.role === 'viewer' })
  return 'account' in actor ? databases.forAccount(actor.account.id, { userId: actor.account.ownerId }) : databases.forAccount(null)
}

/** Who pays need not sign in, so a session that has ended is as good as none. */
async function payerOf(platform: Platform, request: Credentials, reply: Reply): Promise<KeyRead> {
  if (sessionTokensOf(platform.env, request.header).length === 0) return { actor: { kind: 'anonymous' } }
  const read = await readCookie(platform, request, reply)
  return read.actor.kind === 'invalid' ? { actor: { kind: 'anonymous' } } : read
}

async function readCookie(platform: Platform, request: Credentials, reply: Reply): Promise<KeyRead> {
  const tokens = sessionTokensOf(platform.env, request.header)
  refuseOtherSites(platform, request, tokens.length > 0)
  if (tokens.length === 0) return { actor: { kind: 'anonymous' } }
  for (const [ended, token] of tokens.entries()) {
    const session = await lookUpCredential(platform, request.ip, `session ${sha256(token)}`, () => readSession(platform, token))
    if (!session) continue
    // Who is signed in did not guess the others.
    for (let count = 0; count < ended; count++) await platform.rateLimits.takeBackUnknownCredential(request.ip)
    if (session.cookie) reply.cookies.push(session.cookie)
    const actor = await actorOfSession(platform, token, session.row, request.workspace)
    if (!actor) return { actor: { kind: 'invalid', reason: 'Your workspace is suspended or deleted.' } }
    return { actor, noteUse: () => noteSessionUse(platform, session.row, request.ip, request.header('user-agent')) }
  }
  return { actor: { kind: 'invalid', reason: 'The session has ended. Sign in again.' } }
}

/** The caller's own request id when it is a sensible one, else a new one. */
export const requestIdFrom = (header: string | null): string => (header && /^[\w.:-]{1,128}$/.test(header) ? header : newId('request'))
