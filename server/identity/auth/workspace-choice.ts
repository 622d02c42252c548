import {
  type Actor,
  type ActorSession,
  type ActorUser,
  AppError,
  type Env,
  type Platform,
  type SignInMethod,
} from '#server/platform/core/index.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'
import { asAccountId, asUserId, isAdminEmail, toAccount } from '#server/platform/account/index.ts'
import * as queries from './sessions.queries.ts'

/** The caller is no member of the workspace, or there is none with that id: the two are not told apart. */
export class WorkspaceNotFound extends AppError {
  constructor() {
    super('not_found', 'WORKSPACE_NOT_FOUND', 'You are in no workspace with this id.')
  }
}

/**
 * Who calls with a session, in the workspace the call names; else in the one the session is in, else in the personal one.
 *
 * @param chosen Id of the workspace the call names.
 * @returns undefined when the workspace it would be made in is closed.
 * @throws WorkspaceNotFound
 */
export async function actorOfSession(
  platform: Platform,
  token: string,
  row: queries.SessionRow,
  chosen: string | null,
): Promise<Extract<Actor, { kind: 'session' }> | undefined> {
  const access = await accessOf(platform, row, chosen)
  if (!access) return undefined
  return {
    kind: 'session',
    account: toAccount(platform.env, access),
    role: access.role as Role,
    user: toUser(platform.env, row),
    session: toSession(token, row),
  }
}

async function accessOf({ databases }: Platform, row: queries.SessionRow, chosen: string | null) {
  if (chosen !== null && chosen !== row.accountId) {
    const membership = await queries.findMembership(databases.system, chosen, row.userId)
    if (!membership || membership.isAccountClosed) throw new WorkspaceNotFound()
    return membership
  }
  if (!row.isAccountClosed) return row
  if (chosen !== null) throw new WorkspaceNotFound()
  // The team it was in is closed, which leaves the personal one.
  const personal = row.personalAccountId && (await queries.findMembership(databases.system, row.personalAccountId, row.userId))
  return personal && !personal.isAccountClosed ? personal : undefined
}

const toUser = (env: Env, row: queries.SessionRow): ActorUser => ({
  id: asUserId(row.userId),
  email: row.userEmail,
  isEmailVerified: row.userVerifiedAt !== null,
  name: row.userName,
  isAdmin: isAdminEmail(env, row.userEmail, row.userVerifiedAt),
  personalAccountId: asAccountId(row.personalAccountId ?? row.accountId),
})

const toSession = (token: string, row: queries.SessionRow): ActorSession => ({
  token,
  id: row.publicId,
  method: row.method as SignInMethod,
  authenticatedAt: row.authenticatedAt,
  hasSecondFactor: row.secondFactor,
})
