import { startSession } from '../../server/identity/auth/sessions.ts'
import type { Role } from '../../server/platform/core/roles.contract.ts'
import { newId } from '../../server/platform/core/ids.ts'
import type { TestServer } from '../helpers/test-server.ts'
import { seedAccount, type Owner } from './fixtures.ts'

/** A workspace of several people with one of everything, as the person sees it who made it. */
export interface Team {
  owner: Owner
  /** Takes somebody new in. @returns the cookie of their session, which is in this workspace, and who they are. */
  join(role: Role): Promise<{ cookie: string; userId: string }>
}

/** Makes a team and gives it one of everything. */
export async function createTeam(server: TestServer): Promise<Team> {
  const { system } = server.platform.databases
  const teamId = newId('workspace')
  await system
    .insertInto('accounts')
    .values({ id: teamId, kind: 'team', name: 'A team', referralCode: teamId.slice(-8).toUpperCase() })
    .execute()
  const join = async (role: Role, person?: { id: string }) => {
    const { id: userId } = person ?? (await server.createAccount())
    await system.insertInto('memberships').values({ accountId: teamId, userId, role }).execute()
    const cookie = (
      await startSession(server.platform, userId, { method: 'password', secondFactor: false, ip: '', userAgent: null })
    ).split(';')[0]!
    await system.updateTable('sessions').set({ accountId: teamId }).where('userId', '=', userId).execute()
    return { cookie, userId }
  }
  const account = await server.createAccount()
  const { cookie } = await join('owner', account)
  const { key } = (await server.call('POST', '/api/keys', { cookie, body: { name: 'team' } })).body
  return { join: (role) => join(role), owner: await seedAccount(server, { ...account, id: teamId, cookie, key }, account.id) }
}
