import type { Role } from '../../server/platform/core/roles.contract.ts'
import type { Answer, Caller, TestAccount, TestServer } from './test-server.ts'

/** A call in a workspace that is named by the header. */
export const callIn = (
  server: TestServer,
  workspaceId: string,
  method: string,
  path: string,
  caller: Caller,
  body?: unknown,
): Promise<Answer> =>
  server.call(method, path, { ...caller, headers: { 'x-agentbot-workspace': workspaceId }, ...(body === undefined ? {} : { body }) })

/** A new team of somebody. @returns its id. */
export const createTeam = async (server: TestServer, { cookie }: Caller, name = 'Harbour Records'): Promise<string> =>
  (await server.call('POST', '/api/workspaces', { ...(cookie ? { cookie } : {}), body: { name } })).body.id

/** Invites an address. @returns the invitation, with the token of its link. */
export async function invite(server: TestServer, workspaceId: string, { cookie = '' }: Caller, email: string, role: Role = 'member') {
  const { body } = await callIn(server, workspaceId, 'POST', '/api/workspaces/current/invitations', { cookie }, { email, role })
  return { id: body.id as string, token: new URL(body.link as string).hash.slice(1) }
}

/** A new account that came to the team by invitation. */
export async function joinTeam(server: TestServer, workspaceId: string, inviter: Caller, role: Role = 'member'): Promise<TestAccount> {
  const account = await server.createAccount()
  const { token } = await invite(server, workspaceId, inviter, account.email, role)
  const { status } = await server.call('POST', '/api/workspaces/invitations/accept', { cookie: account.cookie, body: { token } })
  if (status !== 200) throw new Error(`The invitation was refused with ${status}.`)
  return account
}

/** Signs in once more, and chooses a workspace for that session. @returns its cookie. */
export async function sessionIn(server: TestServer, { email, password }: TestAccount, workspaceId?: string): Promise<string> {
  const { headers } = await server.call('POST', '/api/auth/login', { body: { email, password } })
  const cookie = headers.get('set-cookie')!.split(';')[0]!
  if (workspaceId !== undefined) await server.call('POST', '/api/workspaces/choose', { cookie, body: { workspaceId } })
  return cookie
}
