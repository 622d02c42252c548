import { Lucia, TimeSpan, type Adapter, type DatabaseSession } from 'lucia'
import type { Db } from '#db/client.ts'
import { cutText, newId, sha256, toStorableText, type Platform, type SignInMethod } from '#server/platform/core/index.ts'
import { SESSION_COOKIE } from './session-cookies.ts'
import * as queries from './sessions.queries.ts'

const SESSION_DAYS = 30
/** A session that is used goes on, but not for ever. */
const MAX_SESSION_DAYS = 90
const DAY_MS = 86_400_000

/** Where and how a session began. */
interface SessionStart {
  method: SignInMethod
  secondFactor: boolean
  ip: string
  userAgent: string | null
}

declare module 'lucia' {
  interface Register {
    Lucia: ReturnType<typeof createLucia>
    DatabaseUserAttributes: queries.SessionRow
    DatabaseSessionAttributes: Partial<SessionStart>
  }
}

const createLucia = (platform: Platform) =>
  new Lucia(adapterOn(platform), {
    sessionExpiresIn: new TimeSpan(SESSION_DAYS, 'd'),
    sessionCookie: { name: SESSION_COOKIE, attributes: { sameSite: 'lax', path: '/', secure: platform.env.APP_URL.startsWith('https:') } },
    getUserAttributes: (row) => row,
  })

const instances = new WeakMap<Platform, ReturnType<typeof createLucia>>()

/** The session store of a server. Lucia is no longer maintained upstream, so nothing else imports it. */
const luciaOf = (platform: Platform) => {
  let lucia = instances.get(platform)
  if (!lucia) instances.set(platform, (lucia = createLucia(platform)))
  return lucia
}

/** Starts a session of 30 days. @returns its `Set-Cookie` value. */
export async function startSession(platform: Platform, userId: string, start: SessionStart): Promise<string> {
  const lucia = luciaOf(platform)
  const session = await lucia.createSession(userId, start)
  return lucia.createSessionCookie(session.id).serialize()
}

/** The person and the workspace behind a session cookie's token, and a fresh cookie once half of its 30 days are over. */
export async function readSession(platform: Platform, token: string): Promise<{ row: queries.SessionRow; cookie?: string } | undefined> {
  const lucia = luciaOf(platform)
  const { session, user } = await lucia.validateSession(token)
  if (!session) return undefined
  return { row: user, ...(session.fresh ? { cookie: lucia.createSessionCookie(session.id).serialize() } : {}) }
}

/** How often the last use of a session is written down. */
const TOUCH_EVERY_MS = 5 * 60_000

/** Writes down when and from where a session was last used. */
export async function noteSessionUse(platform: Platform, row: queries.SessionRow, ip: string, userAgent: string | null): Promise<void> {
  if (Date.parse(row.lastSeenAt) >= Date.now() - TOUCH_EVERY_MS) return
  // Knowing when a session was used is worth no call: on a full disk it is not written down.
  await queries
    .touchSession(platform.databases.system, row.tokenHash, { ip, userAgent: describeUserAgent(userAgent) })
    .catch((error: unknown) =>
      platform.log.warn({ err: error, session: row.publicId }, 'the last use of a session could not be written down'),
    )
}

const MAX_USER_AGENT = 300

const describeUserAgent = (userAgent: string | null): string | null =>
  userAgent === null ? null : cutText(toStorableText(userAgent), MAX_USER_AGENT)

/** Ends sessions on the server, so that their cookies stop working. @returns the `Set-Cookie` value that clears them. */
export async function endSessions(platform: Platform, tokens: readonly string[]): Promise<string> {
  const lucia = luciaOf(platform)
  for (const token of tokens) await lucia.invalidateSession(token)
  return lucia.createBlankSessionCookie().serialize()
}

/** Ends all sessions of a person but one, or all of them. */
export const endSessionsOf = (db: Db, userId: string, exceptToken?: string) =>
  queries.deleteSessionsOf(db, userId, exceptToken === undefined ? undefined : sha256(exceptToken))

/** Has calls with the cookie that name no workspace made in this one; in the personal one for null. */
export const chooseWorkspaceOfSession = (systemDb: Db, token: string, accountId: string | null) =>
  queries.updateSessionWorkspace(systemDb, sha256(token), accountId)

/** Keeps sessions of a person where they are when what was their personal workspace is one no longer. */
export const stayInWorkspace = queries.chooseWorkspaceWhereNone

/** Stores the hash of the token as the session's id: a stolen table signs nobody in. */
function adapterOn(platform: Platform): Adapter {
  const db = platform.databases.system
  const toSession = (row: { id: string; userId: string; expiresAt: string }): DatabaseSession => ({
    id: row.id,
    userId: row.userId,
    expiresAt: new Date(row.expiresAt),
    attributes: {},
  })
  return {
    async getSessionAndUser(token) {
      const row = await queries.findSession(db, sha256(token))
      if (!row) return [null, null]
      return [toSession({ ...row, id: token, expiresAt: shownExpiry(row) }), { id: row.userId, attributes: row }]
    },
    getUserSessions: async (userId) => (await queries.listSessions(db, userId)).map(toSession),
    setSession: async ({ id, userId, expiresAt, attributes }) => {
      const { method = 'password', secondFactor = false, ip = '', userAgent = null } = attributes
      const start = { method, secondFactor, ip, userAgent: describeUserAgent(userAgent) }
      await queries.insertSession(db, { ...start, id: sha256(id), publicId: newId('session'), userId, expiresAt: expiresAt.toISOString() })
    },
    updateSessionExpiration: async (token, expiresAt) =>
      void (await queries.updateSessionExpiry(db, sha256(token), expiresAt.toISOString(), MAX_SESSION_DAYS)),
    deleteSession: async (token) => void (await queries.deleteSession(db, sha256(token))),
    deleteUserSessions: async (userId) => void (await queries.deleteSessionsOf(db, userId)),
    deleteExpiredSessions: () => queries.deleteExpiredSessions(platform),
  }
}

/** Lucia prolongs what is past half of its days. One that cannot be prolonged any more is shown to it as new, until it is over. */
function shownExpiry({ beganAt, expiresAt }: queries.SessionRow): string {
  const isAtItsEnd = Date.parse(expiresAt) >= Date.parse(beganAt) + MAX_SESSION_DAYS * DAY_MS
  const isOver = Date.parse(expiresAt) <= Date.now()
  return isAtItsEnd && !isOver ? new Date(Date.now() + SESSION_DAYS * DAY_MS).toISOString() : expiresAt
}

export const forgetExpiredSessions = (platform: Platform) => queries.deleteExpiredSessions(platform)
