import { Lucia, TimeSpan, type Adapter, type DatabaseSession } from 'lucia'
import type { Db } from '#db/client.ts'
import { type Platform, sha256 } from '#server/platform/core/index.ts'
import * as queries from './sessions.queries.ts'

export const SESSION_COOKIE = 'agentbot-session'
const SESSION_DAYS = 30

declare module 'lucia' {
  interface Register {
    Lucia: ReturnType<typeof createLucia>
    DatabaseUserAttributes: queries.SessionRow
  }
}

const createLucia = (platform: Platform) =>
  new Lucia(adapterOn(platform), {
    sessionExpiresIn: new TimeSpan(SESSION_DAYS, 'd'),
    sessionCookie: { name: SESSION_COOKIE, attributes: { sameSite: 'lax', path: '/', secure: platform.env.APP_URL.startsWith('https:') } },
    getUserAttributes: (account) => account,
  })

const instances = new WeakMap<Platform, ReturnType<typeof createLucia>>()

/** The session store of a server. Lucia is no longer maintained upstream, so nothing else imports it. */
const luciaOf = (platform: Platform) => {
  let lucia = instances.get(platform)
  if (!lucia) instances.set(platform, (lucia = createLucia(platform)))
  return lucia
}

/** Starts a session of 30 days. @returns its `Set-Cookie` value. */
export async function startSession(platform: Platform, accountId: string): Promise<string> {
  const lucia = luciaOf(platform)
  const session = await lucia.createSession(accountId, {})
  return lucia.createSessionCookie(session.id).serialize()
}

/** The account behind a session cookie's token, and a fresh cookie once half of its 30 days are over. */
export async function readSession(
  platform: Platform,
  token: string,
): Promise<{ account: queries.SessionRow; cookie?: string } | undefined> {
  const lucia = luciaOf(platform)
  const { session, user } = await lucia.validateSession(token)
  if (!session) return undefined
  return { account: user, ...(session.fresh ? { cookie: lucia.createSessionCookie(session.id).serialize() } : {}) }
}

/** Ends sessions on the server, so that their cookies stop working. @returns the `Set-Cookie` value that clears them. */
export async function endSessions(platform: Platform, tokens: readonly string[]): Promise<string> {
  const lucia = luciaOf(platform)
  for (const token of tokens) await lucia.invalidateSession(token)
  return lucia.createBlankSessionCookie().serialize()
}

/** Ends all sessions of an account but one; after a change of password. */
export const endOtherSessions = (db: Db, accountId: string, exceptToken: string) =>
  queries.deleteSessionsOf(db, accountId, sha256(exceptToken))

/** Stores the hash of the token as the session's id: a stolen table signs nobody in. */
function adapterOn(platform: Platform): Adapter {
  const db = platform.databases.system
  const toSession = (row: { id: string; accountId: string; expiresAt: string }): DatabaseSession => ({
    id: row.id,
    userId: row.accountId,
    expiresAt: new Date(row.expiresAt),
    attributes: {},
  })
  return {
    async getSessionAndUser(token) {
      const row = await queries.findSession(db, sha256(token))
      if (!row) return [null, null]
      return [
        { ...toSession({ ...row, id: token }), id: token },
        { id: row.accountId, attributes: row },
      ]
    },
    getUserSessions: async (accountId) => (await queries.listSessions(db, accountId)).map(toSession),
    setSession: async ({ id, userId, expiresAt }) =>
      void (await queries.insertSession(db, { id: sha256(id), accountId: userId, expiresAt: expiresAt.toISOString() })),
    updateSessionExpiration: async (token, expiresAt) =>
      void (await queries.updateSessionExpiry(db, sha256(token), expiresAt.toISOString())),
    deleteSession: async (token) => void (await queries.deleteSession(db, sha256(token))),
    deleteUserSessions: async (accountId) => void (await queries.deleteSessionsOf(db, accountId)),
    deleteExpiredSessions: () => queries.deleteExpiredSessions(platform),
  }
}

export const forgetExpiredSessions = (platform: Platform) => queries.deleteExpiredSessions(platform)
