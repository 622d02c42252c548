import { ownSessions, endSessions, endSessionsOf, verifyPassword } from '../auth/index.ts'
import { hasSecondFactor, takeCode } from '../second-factor/index.ts'
import { findPasswordHash } from '../users/index.ts'
import { FRESH_SECONDS, userOf, type SessionContext } from '#server/platform/core/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import { describeDevice } from './devices.rules.ts'
import type { Reauthenticate, Reauthenticated, SignInSession, SignInSessionRef, WaysToReauthenticate } from './sessions.contract.ts'
import { SessionNotFound, WrongPassword } from './sessions.errors.ts'

type Row = Awaited<ReturnType<typeof ownSessions.listSessions>>[number]

const toSession = ({ publicId, userAgent, secondFactor, ...row }: Row, ctx: SessionContext): SignInSession => ({
  ...row,
  id: publicId,
  isCurrent: publicId === ctx.actor.session.id,
  device: describeDevice(userAgent),
  hasSecondFactor: secondFactor,
})

/** Where the person is signed in, newest first. */
export const listSessions = async (ctx: SessionContext): Promise<SignInSession[]> =>
  (await ownSessions.listSessions(ctx.platform.databases.system, userOf(ctx))).map((row) => toSession(row, ctx))

/** A page of that. */
export async function listSessionPage(ctx: SessionContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await ownSessions.listSessionPage(ctx.platform.databases.system, userOf(ctx), limit, after)
  return rows.map(({ place, ...row }): Entry<SignInSession, PlaceByTime> => ({ node: toSession(row, ctx), place: [place, row.publicId] }))
}

/** How many sessions the person has. */
export const countSessions = (ctx: SessionContext): Promise<number> => ownSessions.countSessions(ctx.platform.databases.system, userOf(ctx))

/** Ends one of the person's sessions; of the one that calls the cookie is cleared too. @throws SessionNotFound */
export async function endSession(ctx: SessionContext, { sessionId }: SignInSessionRef): Promise<{ success: true }> {
  if (sessionId === ctx.actor.session.id) await clearOwn(ctx)
  else if (!(await ownSessions.deleteSessionOf(ctx.platform.databases.system, userOf(ctx), sessionId))) throw new SessionNotFound()
  return { success: true }
}

/** Ends every session of the person, and clears the cookie. */
export async function endAllSessions(ctx: SessionContext): Promise<{ success: true }> {
  await endSessionsOf(ctx.platform.databases.system, userOf(ctx))
  await clearOwn(ctx)
  return { success: true }
}

async function clearOwn(ctx: SessionContext): Promise<void> {
  ctx.reply.cookies.push(...[await endSessions(ctx.platform, ctx.sessionTokens ?? [])].flat())
}

/** What `reauthenticate` would take of the person. */
export const getWaysToReauthenticate = async (ctx: SessionContext): Promise<WaysToReauthenticate> => ({
  password: (await findPasswordHash(ctx.platform.databases.system, userOf(ctx))) !== undefined,
  code: await hasSecondFactor(ctx.platform, userOf(ctx)),
})

/** Has the session count as freshly signed in. @throws WrongPassword, WrongCode, SecondFactorLocked, SecondFactorInactive; SessionNotFound when it was ended meanwhile */
export async function reauthenticate(ctx: SessionContext, { password, code }: Reauthenticate): Promise<Reauthenticated> {
  const { system } = ctx.platform.databases
  if (code !== undefined) await takeCode(ctx, userOf(ctx), code)
  else if (!(await verifyPassword(await findPasswordHash(system, userOf(ctx)), password ?? ''))) throw new WrongPassword()
  const noted = await ownSessions.noteAuthentication(system, ctx.actor.session.token)
  if (!noted) throw new SessionNotFound()
  return { freshUntil: new Date(Date.parse(noted.authenticatedAt) + FRESH_SECONDS * 1000).toISOString() }
}
